// Measures what a request costs in both tiers, beside the least that two Node proxies cost, round by round in one run.
import { join } from "node:path";
import { Command } from "commander";
import { issueTokens, type Arena } from "./contestants.ts";
import { contest, tokenScript } from "./contest.ts";
import { median, ratios, shown, type Figures } from "./figures.ts";
import { inArena, loadCore } from "./in-arena.ts";

const ports = { raw: 18_400, control: 18_410, tandem: 18_420, backend: 18_430, collector: 18_431 };

const program = new Command("bench")
  .description("CPU per request of both tiers, as a ratio to two raw Node proxies measured in the same run")
  .option("--quick", "six rounds of three seconds each instead of ten of eight")
  .option("--sample <ratio>", "share of requests that are traced", "0.1")
  .option("--connections <count>", "kept-alive client connections", "32")
  .parse();
const options = program.opts<{ quick?: true; sample: string; connections: string }>();
const { rounds: count, seconds } = options.quick ? { rounds: 6, seconds: 3 } : { rounds: 10, seconds: 8 };

await inArena(program, compare);

async function compare(arena: Arena): Promise<void> {
  arena.start("backend", loadCore, [
    join(import.meta.dirname, "backend.ts"),
    String(ports.backend),
    String(ports.collector),
  ]);
  const raw = await arena.raw("raw", ports.raw, ports.backend);
  const control = await arena.raw("control", ports.control, ports.backend);
  const tandem = await arena.tandem("tandem", {
    port: ports.tandem,
    instances: [ports.backend],
    collector: ports.collector,
    sample: Number(options.sample),
  });
  const tokens = await issueTokens(ports.tandem, 256);
  const rounds = await contest([raw, control, tandem], {
    rounds: count,
    seconds,
    connections: Number(options.connections),
    core: loadCore,
    script: tokenScript(arena.folder, tokens),
  });
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

function report(name: string, runs: readonly Figures[]): void {
  const middle = (pick: (figures: Figures) => number) => median(runs.map(pick)).toFixed(1);
  console.log(
    `${name.padEnd(8)} ${middle((f) => f.cpuPerRequest)} µs CPU/request   p50 ${middle((f) => f.p50)} ms   ` +
      `p99 ${middle((f) => f.p99)} ms   ${middle((f) => f.perSecond)} requests/s   ${middle((f) => f.memory)} MiB`,
  );
}
