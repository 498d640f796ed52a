import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import type { Logger } from "@tandem/platform/log/logger";

/** A directory that is gone after the test. */
export async function emptyDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tandem-keys-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Waits until something has become true, for at most two seconds. */
export async function eventually(holds: () => boolean): Promise<void> {
  const end = performance.now() + 2000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("it did not become true within two seconds");
    await pause(5);
  }
}

/** A logger that keeps its lines. */
export function keepingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level}: ${message}`);
  return { logger: { ...silentLogger, warn: keep("warn"), error: keep("error") }, lines };
}
