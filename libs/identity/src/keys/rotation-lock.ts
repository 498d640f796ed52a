import { randomBytes } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "./rotation-error.ts";

/** Somebody else rotates the keys of this directory right now. */
export class RotationUnderWay extends Error {
  constructor(lock: string) {
    super(`somebody else is rotating these keys; if nobody is, remove ${lock}`);
  }
}

/** Nobody takes that long; whoever has held it for so long is gone. By the time of the files, as processes share them. */
export const abandonedAfter = 120_000;

/** Runs one rotation at a time for each directory, among all processes that share it. Rejects with `RotationUnderWay` after `patience` milliseconds. */
export async function withRotationLock<T>(directory: string, act: () => Promise<T>, patience = 0): Promise<T> {
  const lock = join(directory, ".rotation.lock");
  const owner = `${hostname()} ${process.pid} ${randomBytes(8).toString("hex")}\n`;
  const deadline = performance.now() + patience;
  while (!(await take(lock, owner))) {
    if ((await isAbandoned(lock)) && (await breakOpen(lock, owner))) continue;
    if (performance.now() >= deadline) throw new RotationUnderWay(lock);
    await sleep(20);
  }
  try {
    return await act();
  } finally {
    // Whoever was so slow that it was broken open leaves the next one's alone.
    if ((await readFile(lock, "utf8").catch(() => "")) === owner) await rm(lock, { force: true });
  }
}

async function take(lock: string, owner: string): Promise<boolean> {
  try {
    await writeFile(lock, owner, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  try {
    // A time to come is no better: it stays so until long after its owner is gone.
    return Math.abs(Date.now() - (await stat(lock)).mtimeMs) > abandonedAfter;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** One at a time, so that nobody removes the lock of another who was quicker to do the same. */
async function breakOpen(lock: string, owner: string): Promise<boolean> {
  const breaking = `${lock}.breaking`;
  if (!(await take(breaking, owner))) {
    if (await isAbandoned(breaking)) await rm(breaking, { force: true });
    return false;
  }
  try {
    if (!(await isAbandoned(lock))) return false;
    await rm(lock, { force: true });
    return true;
  } finally {
    await rm(breaking, { force: true });
  }
}
