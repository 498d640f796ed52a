// Measures whether a request costs the same however many routes and instances there are; all in one run, round by round.
import { join } from "node:path";
import { Command } from "commander";
import { contest, tokenScript } from "./contest.ts";
import { issueTokens, type Arena, type Contestant } from "./contestants.ts";
import { median, ratios, shown } from "./figures.ts";
import { inArena, loadCore } from "./in-arena.ts";

const ports = { backend: 20_000, collector: 18_531, first: 18_440 };
const mostInstances = 1_000;

/** The first is what the others are compared with; the second is the same once more. */
const sizes = [
  { name: "10 routes, 2 instances", routes: 10, instances: 2 },
  { name: "the same again", routes: 10, instances: 2 },
  { name: "1 000 routes", routes: 1_000, instances: 2 },
  { name: "10 000 routes", routes: 10_000, instances: 2 },
  { name: "100 instances", routes: 10, instances: 100 },
  { name: "1 000 instances", routes: 10, instances: mostInstances },
];

const program = new Command("bench:scale")
  .description("CPU per request of both tiers with more routes and more instances, as a ratio to a few of each")
  .option("--rounds <count>", "rounds of three seconds for each size", "6")
  .option("--sample <ratio>", "share of requests that are traced", "0.1")
  .parse();
const options = program.opts<{ rounds: string; sample: string }>();

await inArena(program, compare);

async function compare(arena: Arena): Promise<void> {
  const backend = [join(import.meta.dirname, "backend.ts"), String(ports.backend), String(ports.collector)];
  arena.start("backend", loadCore, [...backend, String(mostInstances)]);
  const contestants: Contestant[] = [];
  for (const [index, { name, routes, instances }] of sizes.entries()) {
    console.error(`${name}: starting`);
    const tandem = await arena.tandem(`tandem-${index}`, {
      port: ports.first + 10 * index,
      instances: Array.from({ length: instances }, (_, at) => ports.backend + at),
      collector: ports.collector,
      sample: Number(options.sample),
      furtherRoutes: routes - 2,
    });
    contestants.push({ ...tandem, name });
  }
  const tokens = await issueTokens(ports.first, 256);
  const rounds = await contest(contestants, {
    rounds: Number(options.rounds),
    seconds: 3,
    connections: 32,
    core: loadCore,
    script: tokenScript(arena.folder, tokens),
  });
  const [base] = sizes;
  for (const { name } of sizes) {
    const runs = rounds.map((round) => round[name]!);
    const against = ratios(rounds.map((round) => [round[base!.name]!, round[name]!]));
    const cost = median(runs.map(({ cpuPerRequest }) => cpuPerRequest)).toFixed(1);
    const memory = median(runs.map((run) => run.memory)).toFixed(0);
    console.log(
      `${name.padEnd(24)} ${cost.padStart(6)} µs CPU/request   ${memory.padStart(5)} MiB   ${shown(against)}`,
    );
  }
}
