// Measures what a request costs in both tiers, beside the least that two Node proxies cost, round by round in one run.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { Arena, issueTokens, type Contestant } from "./contestants.ts";
import { median, ratios, type Figures } from "./figures.ts";
import { cpuOf, memoryOf } from "./process-account.ts";
import { load } from "./wrk.ts";

const [gatewayCore, loadCore] = [0, 1];
const ports = { raw: 18_400, control: 18_410, tandem: 18_420, backend: 18_430, collector: 18_431 };

const program = new Command("bench")
  .description("CPU per request of both tiers, as a ratio to two raw Node proxies measured in the same run")
  .option("--quick", "six rounds of three seconds each instead of ten of eight")
  .option("--sample <ratio>", "share of requests that are traced", "0.1")
  .option("--connections <count>", "kept-alive client connections", "32")
  .parse();
const options = program.opts<{ quick?: true; sample: string; connections: string }>();
const { rounds: count, seconds } = options.quick ? { rounds: 6, seconds: 3 } : { rounds: 10, seconds: 8 };

for (const tool of ["wrk", "taskset"])
  try {
    execFileSync("which", [tool]);
  } catch {
    program.error(`${tool} is not installed; on Debian: apt-get install wrk util-linux`);
  }
if (availableParallelism() < 2) program.error("two cores are needed: one for the gateways, one for the load");

const arena = new Arena(gatewayCore);
process.once("SIGINT", () => void arena.close().then(() => process.exit(130)));
try {
  await compare();
} finally {
  await arena.close();
}

async function compare(): Promise<void> {
  execFileSync(process.execPath, ["apps/cli/src/main.ts", "keys", "init", "--out", arena.folder]);
  arena.start("backend", loadCore, [
    join(import.meta.dirname, "backend.ts"),
    String(ports.backend),
    String(ports.collector),
  ]);
  const raw = await arena.raw("raw", ports.raw, ports.backend);
  const control = await arena.raw("control", ports.control, ports.backend);
  const tandem = await arena.tandem(ports.tandem, ports.backend, {
    collector: ports.collector,
    sample: Number(options.sample),
  });
  const script = join(arena.folder, "tokens.lua");
  writeFileSync(script, rotating(await issueTokens(ports.tandem, 256)));

  const measure = async ({ name, url, pids }: Contestant, span = seconds): Promise<Figures> => {
    const before = pids.map(cpuOf);
    const seen = await load({ url, script, seconds: span, connections: Number(options.connections), core: loadCore });
    const used = pids.reduce((sum, pid, index) => sum + cpuOf(pid) - before[index]!, 0);
    if (seen.failed > 0) throw new Error(`${name}: ${seen.failed} of ${seen.requests} requests failed`);
    const memory = pids.reduce((sum, pid) => sum + memoryOf(pid), 0);
    return { cpuPerRequest: used / seen.requests, memory, ...seen };
  };

  for (const contestant of [raw, control, tandem]) await warmUp(contestant, measure);
  // All three in each round, so that one ratio knows as well as the other how the machine was; and each goes first in turn.
  const rounds: Record<Contestant["name"], Figures>[] = [];
  const contestants = [raw, control, tandem];
  for (let index = 0; index < count; index++) {
    const round: Record<Contestant["name"], Figures> = {};
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(index + turn) % contestants.length]!;
      round[contestant.name] = await measure(contestant);
    }
    rounds.push(round);
    console.error(`round ${index + 1} of ${count}`);
  }
  const runsOf = (name: string): Figures[] => rounds.map((round) => round[name]!);
  const against = (name: string) => ratios(rounds.map((round) => [round["raw"]!, round[name]!]));
  for (const { name } of [raw, tandem]) report(name, runsOf(name));
  const noise = against(control.name).middle;
  if (noise < 0.92 || noise > 1.08)
    console.log("this machine is too noisy: two copies of the same differ by more than 8 %");
  console.log(`control / raw   ${shown(against(control.name))}   (two copies of the same: how noisy this machine is)`);
  console.log(
    `tandem / raw    ${shown(against(tandem.name))}   at ${Number(options.sample) * 100} % sampling, ${count} rounds`,
  );
}

/** V8 goes on compiling for thousands of requests, beside them and at their cost: loads until a request gets no cheaper. */
async function warmUp(contestant: Contestant, measure: (one: Contestant, span: number) => Promise<Figures>) {
  console.error(`${contestant.name}: warming up`);
  let before = (await measure(contestant, 3)).cpuPerRequest;
  for (let steady = 0, turn = 0; steady < 2 && turn < 10; turn++) {
    const { cpuPerRequest } = await measure(contestant, 2);
    steady = cpuPerRequest > before * 0.95 ? steady + 1 : 0;
    before = Math.min(before, cpuPerRequest);
  }
}

function report(name: string, runs: readonly Figures[]): void {
  const middle = (pick: (figures: Figures) => number) => median(runs.map(pick)).toFixed(1);
  console.log(
    `${name.padEnd(8)} ${middle((f) => f.cpuPerRequest)} µs CPU/request   p50 ${middle((f) => f.p50)} ms   ` +
      `p99 ${middle((f) => f.p99)} ms   ${middle((f) => f.perSecond)} requests/s   ${middle((f) => f.memory)} MiB`,
  );
}

function shown({ least, middle, most }: { least: number; middle: number; most: number }): string {
  return `${middle.toFixed(2)}x  (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

function rotating(tokens: readonly string[]): string {
  return `local tokens = {${tokens.map((token) => JSON.stringify(token)).join(",")}}
local turn = 0
request = function()
  turn = turn % #tokens + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. tokens[turn] })
end
`;
}
