import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Contestant } from "./contestants.ts";
import type { Figures } from "./figures.ts";
import { cpuOf, memoryOf } from "./process-account.ts";
import { load } from "./wrk.ts";

interface Terms {
  readonly rounds: number;
  /** That each is loaded in a round. */
  readonly seconds: number;
  readonly connections: number;
  /** The core of the load generator. */
  readonly core: number;
  /** What wrk asks with. */
  readonly script: string;
  /** All at once instead of in turn: whatever disturbs the machine then disturbs all, at the price of latencies that mean nothing. */
  readonly together?: boolean;
}

/** What each contestant came to in one round. */
export type Round = Readonly<Record<Contestant["name"], Figures>>;

/** Loads all contestants in each round, so that one ratio knows as well as the other how the machine was. */
export async function contest(contestants: readonly Contestant[], terms: Terms): Promise<Round[]> {
  for (const contestant of contestants) await warmUp(contestant, terms);
  const rounds: Round[] = [];
  for (let index = 0; index < terms.rounds; index++) {
    rounds.push(await (terms.together ? together(contestants, terms) : inTurn(contestants, index, terms)));
    console.error(`round ${index + 1} of ${terms.rounds}`);
  }
  return rounds;
}

async function together(contestants: readonly Contestant[], terms: Terms): Promise<Round> {
  const each = contestants.map(async (contestant) => [contestant.name, await measure(contestant, terms)] as const);
  return Object.fromEntries(await Promise.all(each));
}

/** Each goes first in turn. */
async function inTurn(contestants: readonly Contestant[], index: number, terms: Terms): Promise<Round> {
  const round: Record<Contestant["name"], Figures> = {};
  for (let turn = 0; turn < contestants.length; turn++) {
    const contestant = contestants[(index + turn) % contestants.length]!;
    round[contestant.name] = await measure(contestant, terms);
  }
  return round;
}

async function measure({ name, url, pids }: Contestant, terms: Terms): Promise<Figures> {
  const before = pids.map(cpuOf);
  const seen = await load({ url, ...terms });
  const used = pids.reduce((sum, pid, index) => sum + cpuOf(pid) - before[index]!, 0);
  if (seen.failed > 0) throw new Error(`${name}: ${seen.failed} of ${seen.requests} requests failed`);
  const memory = pids.reduce((sum, pid) => sum + memoryOf(pid), 0);
  return { cpuPerRequest: used / seen.requests, memory, ...seen };
}

/** V8 goes on compiling for thousands of requests, beside them and at their cost: loads until a request gets no cheaper. */
async function warmUp(contestant: Contestant, terms: Terms): Promise<void> {
  console.error(`${contestant.name}: warming up`);
  let before = (await measure(contestant, { ...terms, seconds: 3 })).cpuPerRequest;
  for (let steady = 0, turn = 0; steady < 2 && turn < 10; turn++) {
    const { cpuPerRequest } = await measure(contestant, { ...terms, seconds: 2 });
    steady = cpuPerRequest > before * 0.95 ? steady + 1 : 0;
    before = Math.min(before, cpuPerRequest);
  }
}

/** Writes the program with which wrk shows one token after the other; gives its file. */
export function tokenScript(folder: string, tokens: readonly string[]): string {
  const file = join(folder, "tokens.lua");
  writeFileSync(
    file,
    `local tokens = {${tokens.map((token) => JSON.stringify(token)).join(",")}}
local turn = 0
request = function()
  turn = turn % #tokens + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. tokens[turn] })
end
`,
  );
  return file;
}
