import { open, rename, stat, type FileHandle } from "node:fs/promises";
import type { LineStream } from "./batch-writer.ts";

interface RotatingFileOptions {
  /** Bytes at which a file is put aside. */
  readonly size: number;
  /** How many that were put aside are kept, as `.1` (the youngest) and so on. */
  readonly keep: number;
}

const newline = 10;

/**
 * A file that is appended to in whole lines, and put aside when it is full. Before each write it looks whether the file is
 * still where it was: whoever moves, deletes or truncates it (logrotate, an operator) finds no line in the wrong place.
 */
export class RotatingFile implements LineStream {
  readonly #options: RotatingFileOptions;
  #path: string;
  #handle: FileHandle | undefined;
  #length = 0;
  /** A write broke off in the middle of a line, and the piece could not be taken back. */
  #isTorn = false;

  constructor(path: string, options: RotatingFileOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Whole lines, the last one ended; one call at a time. */
  write(text: string, done: (error?: Error | null) => void): void {
    void this.#attempt(Buffer.from(text), done);
  }

  /** What fails is told to the write that failed. */
  on(): void {}

  /** From the next write on, the lines go there. */
  moveTo(path: string): void {
    this.#path = path;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #attempt(bytes: Buffer, done: (error: Error | null) => void): Promise<void> {
    let failure: Error | null = null;
    try {
      await this.#write(bytes);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    done(failure);
  }

  async #write(bytes: Buffer): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const handle = await this.#current();
      const room = this.#options.size - this.#length;
      // A line that is longer than a whole file has one to itself.
      const end = lineEndWithin(bytes, at, room) ?? (this.#length === 0 ? bytes.indexOf(newline, at) + 1 : at);
      if (end === at) await this.#putAside();
      else await this.#append(handle, bytes.subarray(at, end));
      at = end;
    }
  }

  async #current(): Promise<FileHandle> {
    const here = await stat(this.#path).catch(isMissing);
    const mine = await this.#handle?.stat();
    if (here && mine && here.ino === mine.ino && here.dev === mine.dev) this.#length = here.size;
    else await this.#reopen();
    if (!this.#handle) throw new Error("the file is closed");
    return this.#handle;
  }

  async #reopen(): Promise<void> {
    await this.close();
    const handle = await open(this.#path, "a", 0o640);
    this.#handle = handle;
    this.#length = (await handle.stat()).size;
    this.#isTorn = false;
  }

  async #append(handle: FileHandle, lines: Buffer): Promise<void> {
    const bytes = this.#isTorn ? Buffer.concat([Buffer.of(newline), lines]) : lines;
    let written = 0;
    try {
      while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
      this.#isTorn = false;
    } catch (error) {
      // The disk is full in the middle of a line: it is taken back, so that what is there are whole lines.
      if (written > 0) await handle.truncate(this.#length).catch(() => (this.#isTorn = true));
      throw error;
    }
  }

  /** Moves only those that are in the way, so that trying again after a failure in between loses nothing. */
  async #putAside(): Promise<void> {
    await this.close();
    const { keep } = this.#options;
    let free = 1;
    while (free < keep && (await stat(`${this.#path}.${free}`).catch(isMissing))) free += 1;
    for (let number = free; number > 1; number -= 1)
      await rename(`${this.#path}.${number - 1}`, `${this.#path}.${number}`);
    await rename(this.#path, `${this.#path}.1`);
  }
}

/** Where the last line ends that fits, or undefined when not even the first one does. */
function lineEndWithin(bytes: Buffer, start: number, room: number): number | undefined {
  if (bytes.length - start <= room) return bytes.length;
  if (room <= 0) return undefined;
  const end = bytes.lastIndexOf(newline, start + room - 1) + 1;
  return end > start ? end : undefined;
}

function isMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
