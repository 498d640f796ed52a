import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "@tandem/platform/log/logger";

/** One JSON file of a directory, for whoever makes something of it. */
export interface JsonFile {
  readonly name: string;
  readonly json: unknown;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

interface WatchOptions<Entry> {
  /** Makes an entry of a file, or throws what is wrong with it. */
  readonly read: (file: JsonFile) => Entry;
  readonly logger: Logger;
  /** Milliseconds from one look to the next. */
  readonly interval?: number;
  /** Milliseconds at least between two looks, however often somebody asks for one. */
  readonly spacing?: number;
}

interface Known<Entry> {
  readonly stamp: string;
  readonly entry: Entry | undefined;
}

/**
 * What the JSON files of a directory hold, followed by looking every second: change notices do not cross container volumes.
 * A file that cannot be read is reported and its last good content stays; so does everything when no good file is left.
 */
export class WatchedDirectory<Entry extends {}> {
  entries: readonly Entry[] = [];
  readonly #directory: string;
  readonly #options: WatchOptions<Entry>;
  readonly #listeners: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #known = new Map<string, Known<Entry>>();
  #scanning: Promise<void> | undefined;
  #asked: Promise<void> | undefined;
  #lastLook = 0;
  #complaint = "";

  private constructor(directory: string, options: WatchOptions<Entry>) {
    this.#directory = directory;
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), options.interval ?? 1000).unref();
  }

  /** Rejects when the directory cannot be read, holds no good file, or one that is forbidden. */
  static async open<Entry extends {}>(
    directory: string,
    options: WatchOptions<Entry>,
  ): Promise<WatchedDirectory<Entry>> {
    const watched = new WatchedDirectory(directory, options);
    try {
      await watched.#scan("strict");
    } catch (error) {
      watched.close();
      throw error;
    }
    return watched;
  }

  /** Looks again, and has seen everything that was there when it was called. */
  lookAgain(): Promise<void> {
    const wait = Math.max(0, this.#lastLook + (this.#options.spacing ?? 100) - performance.now());
    return (this.#asked ??= pause(wait)
      .then(() => this.#scanning)
      .then(() => {
        this.#asked = undefined;
        return this.#look();
      }));
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): Promise<void> {
    return (this.#scanning ??= this.#scan("lenient")
      .catch((error: unknown) => this.#complain(error))
      .finally(() => {
        this.#scanning = undefined;
      }));
  }

  async #scan(mode: "strict" | "lenient"): Promise<void> {
    this.#lastLook = performance.now();
    const found = new Map<string, Known<Entry>>();
    for (const name of (await readdir(this.#directory)).toSorted())
      if (isKeyFile(name)) {
        const known = await this.#examine(name, mode);
        if (known) found.set(name, known);
      }
    const entries = [...found.values()].flatMap(({ entry }) => entry ?? []);
    if (entries.length === 0) throw new Error(`${this.#directory} holds no usable key file (*.json)`);
    this.#known = found;
    this.#complaint = "";
    if (entries.length === this.entries.length && entries.every((entry, index) => entry === this.entries[index]))
      return;
    this.entries = entries;
    for (const listener of this.#listeners) listener();
  }

  async #examine(name: string, mode: "strict" | "lenient"): Promise<Known<Entry> | undefined> {
    const file = join(this.#directory, name);
    const before = this.#known.get(name);
    let stamp = before?.stamp ?? "";
    try {
      const { mtimeMs, size, ino } = await stat(file);
      stamp = `${mtimeMs} ${size} ${ino}`;
      if (stamp === before?.stamp) return before;
      const json: unknown = JSON.parse(await readFile(file, "utf8"));
      return { stamp, entry: this.#options.read({ name, json, modifiedAt: mtimeMs }) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (mode === "strict" && error instanceof Forbidden) throw error;
      // A parser's own words would show what the file holds.
      const reason = error instanceof SyntaxError ? "it is not JSON" : messageOf(error);
      this.#options.logger[error instanceof Forbidden ? "error" : "warn"](`${file} is left out: ${reason}`);
      return { stamp, entry: error instanceof Forbidden ? undefined : before?.entry };
    }
  }

  #complain(error: unknown): void {
    const message = `${messageOf(error)}; the keys read before stay in use`;
    if (message !== this.#complaint) this.#options.logger.error(message);
    this.#complaint = message;
  }
}

/** Whether a file of the directory counts: others, and the drafts of an atomic write, are not looked at. */
export const isKeyFile = (name: string): boolean => name.endsWith(".json") && !name.startsWith(".");

/** The file must not be where it is: whoever starts with it does not start. */
export class Forbidden extends Error {}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Removed between the list and the look; that is how a key is retired. */
const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
