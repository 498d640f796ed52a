import { statSync } from "node:fs";
import { systemClock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { ApiKey } from "./api-key.ts";
import type { ApiKeys } from "./api-keys.ts";
import { editKeyFile, readKeyFile } from "./key-file.ts";
import { byAge, digestsOf } from "./stored-keys.ts";

interface FileOptions {
  readonly logger: Logger;
  /** Milliseconds from one look to the next. */
  readonly interval?: number;
}

/** A file cannot be used; the message is a line for each fault, with its place. */
export class UnusableKeyFile extends Error {
  override readonly name = "UnusableKeyFile";
}

/** Opens a file of keys and follows it; throws `UnusableKeyFile`. What becomes of it later, the last good content stays. */
export function openFileKeys(file: string, options: FileOptions): ApiKeys {
  return new FileKeys(file, options);
}

class FileKeys implements ApiKeys {
  readonly #file: string;
  readonly #logger: Logger;
  readonly #timer: NodeJS.Timeout;
  readonly #listeners: (() => void)[] = [];
  #stamp = "";
  #byId: ReadonlyMap<string, ApiKey> = new Map();
  #byDigest: ReadonlyMap<string, ApiKey> = new Map();

  constructor(file: string, { logger, interval = 250 }: FileOptions) {
    this.#file = file;
    this.#logger = logger;
    this.#stamp = stampOf(file);
    const read = readKeyFile(file);
    if (!read.ok) throw new UnusableKeyFile(read.faults.join("\n"));
    this.#adopt(read.keys);
    // Looking is cheap, and notices of a change do not cross container volumes.
    this.#timer = setInterval(() => this.#look(), interval).unref();
  }

  find(digest: string): ApiKey | undefined {
    return this.#byDigest.get(digest);
  }

  async get(id: string): Promise<ApiKey | undefined> {
    return this.#byId.get(id);
  }

  async list(): Promise<readonly ApiKey[]> {
    return [...this.#byId.values()].toSorted(byAge);
  }

  async add(key: ApiKey): Promise<void> {
    await editKeyFile(this.#file, (keys) => [...keys, key]);
    this.#look();
  }

  async change(id: string, edit: (key: ApiKey) => ApiKey): Promise<ApiKey | undefined> {
    let changed: ApiKey | undefined;
    await editKeyFile(this.#file, (keys) => {
      const at = keys.findIndex((key) => key.id === id);
      const found = keys[at];
      if (found) changed = edit(found);
      return changed ? keys.with(at, changed) : keys;
    });
    this.#look();
    return changed;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const stamp = stampOf(this.#file);
    if (stamp === this.#stamp) return;
    // Taken before the file is read: what is written meanwhile is seen the next time.
    this.#stamp = stamp;
    const started = systemClock.monotonic();
    const read = readKeyFile(this.#file);
    if (!read.ok) {
      const problem = read.faults.join("\n");
      this.#logger.error("the API keys cannot be read; those read before stay in use", { file: this.#file, problem });
      return;
    }
    this.#adopt(read.keys);
    const ms = Math.round(systemClock.monotonic() - started);
    this.#logger.info("the API keys have changed", { file: this.#file, keys: read.keys.length, ms });
  }

  #adopt(keys: readonly ApiKey[]): void {
    this.#byId = new Map(keys.map((key) => [key.id, key]));
    this.#byDigest = new Map(keys.flatMap((key) => digestsOf(key).map((digest) => [digest, key] as const)));
    for (const listener of this.#listeners) listener();
  }
}

/** Differs as soon as anything was written, whoever put it there, however. */
function stampOf(file: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
  }
}
