import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { Arena } from "./contestants.ts";

/** The gateways keep to the one core, what loads them and what stands behind them to the other. */
const gatewayCore = 0;
export const loadCore = 1;

/** Runs a comparison in an arena that has its keys, and leaves nothing behind, also when it is interrupted. */
export async function inArena(program: Command, compare: (arena: Arena) => Promise<void>): Promise<void> {
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
    execFileSync(process.execPath, ["apps/cli/src/main.ts", "keys", "init", "--out", arena.folder]);
    await compare(arena);
  } finally {
    await arena.close();
  }
}
