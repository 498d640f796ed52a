import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { readFile, utimes } from "node:fs/promises";
import { hostname } from "node:os";

/** The right of one process to write a file; others see it as `<file>.lock`. */
export interface FileClaim {
  readonly file: string;
  /** Who else writes to the file that was asked for, where this is not it. */
  readonly heldBy?: string;
  /** Gives the right back, and no longer looks after it. */
  release(): void;
}

const renewMs = 10_000;
/** A holder on another machine that has not renewed its claim for so long is gone. */
const staleMs = 60_000;
/** By path; this process may have several loggers, and its own process id says nothing about them. */
const held = new Map<string, string>();

/**
 * Claims `<name>.log` in a directory, or a file beside it whose name nobody else has: two processes that write and rotate
 * one file would put aside each other's lines. A claim of a process that has died is taken over.
 */
export function claimLogFile(
  directory: string,
  { name, instance, onLost }: { readonly name: string; readonly instance: string; readonly onLost: () => void },
): FileClaim {
  const first = `${directory}/${name}.log`;
  try {
    mkdirSync(directory, { recursive: true });
    const owner = claim(first, onLost);
    if (typeof owner !== "string") return { file: first, release: owner };
    for (const own of [`${name}.${instance}`, `${name}.${instance}.${randomUUID()}`]) {
      const release = claim(`${directory}/${own}.log`, onLost);
      if (typeof release !== "string") return { file: `${directory}/${own}.log`, heldBy: owner, release };
    }
  } catch {
    // Where no claim can be written no line can either, and the first write says why.
  }
  return { file: first, release: () => {} };
}

/** Gives what releases the claim, or the name of the process that has it. */
function claim(file: string, onLost: () => void): (() => void) | string {
  const lock = `${file}.lock`;
  const mark = `${hostname()} ${process.pid} ${randomUUID()}`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = openSync(lock, "wx", 0o640);
      writeSync(handle, mark);
      closeSync(handle);
      held.set(lock, mark);
      return renewing(lock, mark, onLost);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = holderOf(lock);
    if (holder !== undefined) return holder;
    rmSync(lock, { force: true });
  }
  return "another process";
}

/** Whoever holds a claim and still lives, as `<host>-<process id>`. */
function holderOf(lock: string): string | undefined {
  try {
    const mark = readFileSync(lock, "utf8");
    const age = Date.now() - statSync(lock).mtimeMs;
    const [host = "", pid = ""] = mark.split(" ");
    const isHere = host === hostname();
    if (isHere && Number(pid) === process.pid) return held.get(lock) === mark ? `${host}-${pid}` : undefined;
    if (age > staleMs || (isHere && !isAlive(Number(pid)))) return undefined;
    return `${host}-${pid}`;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It lives, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function renewing(lock: string, mark: string, onLost: () => void): () => void {
  let isBusy = false;
  const renew = async (): Promise<void> => {
    const now = new Date();
    if ((await readFile(lock, "utf8")) === mark) await utimes(lock, now, now);
    else {
      stop();
      onLost();
    }
  };
  const timer = setInterval(() => {
    // A disk that hangs must not be asked twice.
    if (isBusy) return;
    isBusy = true;
    // A claim that somebody deleted is nobody's: the lines go on, and a newcomer may claim the file anew.
    void renew()
      .catch(() => {})
      .finally(() => (isBusy = false));
  }, renewMs).unref();
  const stop = (): void => {
    clearInterval(timer);
    held.delete(lock);
  };
  return () => {
    if (held.get(lock) !== mark) return;
    stop();
    try {
      if (readFileSync(lock, "utf8") === mark) rmSync(lock);
    } catch {
      // It is gone already, or the disk is: either way nobody is kept out for long.
    }
  };
}
