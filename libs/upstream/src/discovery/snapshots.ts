import { hash, randomUUID } from "node:crypto";
import { constants, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@tandem/contracts/upstream";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { z } from "zod";
import { mostWeight } from "./consul-entries.ts";
import { parseOrigin } from "./origin.ts";

/** What a list of instances is a list of: the service, and in words of our own where it was asked for. */
export interface Watched {
  readonly service: string;
  readonly source: string;
}

/** A list as it was, so long ago. */
export interface Snapshot {
  readonly endpoints: readonly Endpoint[];
  readonly ageMs: number;
}

/** The last good lists of a process, on disk; nothing that is wrong with it is anybody's failure. */
export interface Snapshots {
  /** Milliseconds for which a list is of use. */
  readonly maxAge: number;
  /** Gives undefined for one that was never written, is too old, or is not what we wrote. */
  read(watched: Watched): Promise<Snapshot | undefined>;
  write(watched: Watched, endpoints: readonly Endpoint[]): Promise<void>;
  /** Waits for what is being written, but for no disk that hangs. */
  settle(): Promise<void>;
}

interface SnapshotsOptions {
  readonly directory: string;
  readonly maxAge: number;
  readonly logger: Logger;
  /** Milliseconds that an end waits for the disk. */
  readonly patience?: number;
  readonly clock?: Clock;
}

/** Ten thousand instances with much to say of each fit; a file that never ends does not. */
const largest = 16 * 1024 * 1024;

/** Milliseconds after which nobody writes at a draft any more: what is left of it is a crash's. */
const abandoned = 10 * 60_000;
const draftName = /^[\w.-]+-[0-9a-f]{16}\.json\.[0-9a-f-]{36}$/;

const said = z.string().max(512);

/** The form of a file. */
const fileSchema = z.strictObject({
  version: z.literal(1),
  service: z.string(),
  source: z.string(),
  savedAt: z.number(),
  endpoints: z.array(
    z.strictObject({
      id: z.string().min(1),
      // Whoever could write here could send requests elsewhere: at least it must be an origin, as a registry's word must.
      origin: z.string().refine((text) => parseOrigin(text) === text),
      weight: z.int().min(1).max(mostWeight),
      zone: z.string().max(64).optional(),
      tags: z.array(said).max(64).optional(),
      meta: z.record(z.string(), said).optional(),
    }),
  ),
});

/** Keeps them in a directory, made when first needed: a file for each list, replaced as a whole. */
export function openSnapshots(options: SnapshotsOptions): Snapshots {
  const { directory, maxAge, logger, patience = 2_000, clock = systemClock } = options;
  let isWritable = true;
  const writing = new Set<Promise<void>>();
  void sweep(directory, Date.now() - abandoned); // files carry the time of the system, whatever the clock
  const fileOf = ({ service, source }: Watched): string => {
    const digest = hash("sha256", JSON.stringify([service, source])).slice(0, 16);
    return join(directory, `${service.replaceAll(/[^\w.-]/g, "_").slice(0, 64)}-${digest}.json`);
  };

  const allWritten = async (): Promise<void> => {
    while (writing.size > 0) {
      await Promise.all(writing);
      // Whoever waited for one of them may have another to write.
      await nextTurn();
    }
  };

  /** Never rejects. */
  const writeList = async (watched: Watched, endpoints: readonly Endpoint[]): Promise<void> => {
    const file = fileOf(watched);
    const draft = `${file}.${randomUUID()}`;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeWhole(draft, JSON.stringify({ version: 1, ...watched, savedAt: clock.now(), endpoints }));
      await rename(draft, file);
      isWritable = true;
    } catch (error) {
      if (isWritable)
        logger.warn("the instances cannot be kept on disk; a start without their source would find none", {
          file,
          error: reasonOf(error),
        });
      isWritable = false;
      await rm(draft, { force: true }).catch(() => {}); // it may be that it cannot be removed either
    }
  };

  return {
    maxAge,
    async read(watched) {
      const file = fileOf(watched);
      try {
        const text = await readOurs(file);
        if (text === undefined) return undefined;
        const { service, source, savedAt, endpoints } = fileSchema.parse(JSON.parse(text));
        if (service !== watched.service || source !== watched.source) throw new Error("it is another service's");
        const ageMs = clock.now() - savedAt;
        if (ageMs > maxAge) throw new Error("it is too old");
        return { endpoints: endpoints.map(toEndpoint), ageMs: Math.max(0, ageMs) };
      } catch (error) {
        logger.warn("the last known instances on disk are of no use", { file, error: reasonOf(error) });
        return undefined;
      }
    },
    async write(watched, endpoints) {
      const written = writeList(watched, endpoints);
      writing.add(written);
      await written;
      writing.delete(written);
    },
    async settle() {
      const ending = new AbortController();
      const enough = sleep(patience, undefined, { signal: ending.signal }).catch(() => {}); // the disk was faster
      await Promise.race([allWritten(), enough]);
      ending.abort();
    },
  };
}

function toEndpoint({ zone, tags, meta, ...rest }: z.output<typeof fileSchema>["endpoints"][number]): Endpoint {
  return Object.freeze({
    ...rest,
    ...(zone !== undefined && { zone }),
    ...(tags !== undefined && { tags }),
    ...(meta !== undefined && { meta }),
  });
}

async function readOurs(file: string): Promise<string | undefined> {
  // A pipe would make the opening wait for a writer.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const state = await handle.stat();
    const { size, mode, uid } = state;
    if (!state.isFile()) throw new Error("it is no file");
    if (size > largest) throw new Error("it is too long");
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error("others may write to it");
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** Removes the drafts that a crash left behind, and nothing else: others may keep files here. */
async function sweep(directory: string, before: number): Promise<void> {
  try {
    for (const name of await readdir(directory)) {
      if (!draftName.test(name)) continue;
      const draft = join(directory, name);
      const state = await lstat(draft);
      if (state.isFile() && state.mtimeMs < before) await rm(draft, { force: true });
    }
  } catch {
    // There is no directory yet, or somebody else was faster: a draft that stays harms nobody.
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return "it is not what was written";
  if (error instanceof SyntaxError) return "it is not JSON";
  return error instanceof Error ? error.message : String(error);
}
