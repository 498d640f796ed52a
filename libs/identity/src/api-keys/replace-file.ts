import { randomBytes } from "node:crypto";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Puts a text where another was, at once or not at all, readable by the owner alone; through a link, at its end. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      const before = await stat(target).catch(() => undefined);
      // Root may edit the file of a gateway that is not root, and must not lock it out.
      if (before && process.getuid?.() === 0) await handle.chown(before.uid, before.gid);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Another process holds the lock, or one died with it. */
export class Locked extends Error {
  readonly lock: string;

  constructor(lock: string) {
    super(`${lock} is there`);
    this.lock = lock;
  }
}

/** Runs one at a time for each file, among all processes that do it this way. */
export async function withLock<T>(file: string, act: () => Promise<T>, patience = 3000): Promise<T> {
  const target = await realpath(file).catch(() => file);
  const lock = `${target}.lock`;
  const deadline = performance.now() + patience;
  while (!(await take(lock))) {
    if (performance.now() > deadline) throw new Locked(lock);
    await sleep(20);
  }
  try {
    return await act();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
