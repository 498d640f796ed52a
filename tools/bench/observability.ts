// Measures what it costs to be seen: both tiers with all their logs, metrics and traces, beside the same without any of them.
import { join } from "node:path";
import { Command } from "commander";
import { contest, tokenScript } from "./contest.ts";
import { issueTokens, type Arena } from "./contestants.ts";
import { median, ratios, shown } from "./figures.ts";
import { inArena, loadCore } from "./in-arena.ts";

const ports = { unseen: 18_450, again: 18_460, local: 18_470, seen: 18_480, backend: 18_490, collector: 18_491 };

/** What being seen may cost, as a ratio. */
const target = 1.35;

const program = new Command("bench:observability")
  .description("CPU per request of both tiers with logs, metrics and traces, as a ratio to the same without")
  .option("--quick", "15 rounds of three seconds each instead of 60 of four")
  .option("--sample <ratio>", "share of requests that are traced", "0.1")
  .parse();
const options = program.opts<{ quick?: true; sample: string }>();
const { rounds: count, seconds } = options.quick ? { rounds: 15, seconds: 3 } : { rounds: 60, seconds: 4 };

await inArena(program, compare);

async function compare(arena: Arena): Promise<void> {
  const { backend, collector } = ports;
  arena.start("backend", loadCore, [join(import.meta.dirname, "backend.ts"), String(backend), String(collector)]);
  const common = { instances: [backend], collector, sample: Number(options.sample) };
  const unseen = await arena.tandem("unseen", { ...common, port: ports.unseen, log: "unseen" });
  const again = await arena.tandem("again", { ...common, port: ports.again, log: "unseen" });
  const local = await arena.tandem("local", { ...common, port: ports.local });
  const seen = await arena.tandem("seen", { ...common, port: ports.seen, log: "central" });
  const scraping = setInterval(() => void Promise.all([ports.local, ports.seen].map(scrape)), 5_000);
  const tokens = await issueTokens(ports.seen, 256);
  const rounds = await contest([unseen, again, local, seen], {
    rounds: count,
    seconds,
    connections: 16,
    together: true,
    core: loadCore,
    script: tokenScript(arena.folder, tokens),
  }).finally(() => clearInterval(scraping));
  for (const { name } of [unseen, again, local, seen]) {
    const runs = rounds.map((round) => round[name]!);
    const middle = (pick: (figures: (typeof runs)[number]) => number): string => median(runs.map(pick)).toFixed(1);
    const [cost, memory] = [middle((f) => f.cpuPerRequest), middle((f) => f.memory)];
    console.log(`${name.padEnd(8)} ${cost.padStart(7)} µs CPU/request   ${memory} MiB`);
  }
  const against = (name: string) => ratios(rounds.map((round) => [round[unseen.name]!, round[name]!]));
  console.log(`again / unseen   ${shown(against(again.name))}   (the same twice: how noisy this machine is)`);
  console.log(`local / unseen   ${shown(against(local.name))}   (all but the central log)`);
  console.log(
    `seen / unseen    ${shown(against(seen.name))}   at ${Number(options.sample) * 100} % sampling; ${target} is the target`,
  );
}

/** Reads the metrics of both tiers, as Prometheus would; it does not mind either when one does not answer. */
async function scrape(port: number): Promise<void> {
  for (const admin of [port + 2, port + 3])
    await fetch(`http://127.0.0.1:${admin}/metrics`).then(
      (answer) => answer.text(),
      () => {},
    );
}
