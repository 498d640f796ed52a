import { stat } from "node:fs/promises";
import type { Logger } from "@tandem/platform/log/logger";
import { readRevocationLists } from "@tandem/platform/tls/revocation-lists";

interface Followed {
  readonly file: string;
  /** What stood there when it was first read. */
  readonly lists: readonly string[];
}

interface Following {
  /** Uses newer lists, or throws. */
  readonly apply: (lists: readonly string[]) => void;
  readonly logger: Logger;
  /** Milliseconds from one look to the next. */
  readonly interval?: number;
}

/**
 * Follows a file of revocation lists by looking at it: authorities publish a new one every few days, and an old one that
 * has expired lets nobody in. What cannot be used is told, and what was read before stays in use. Gives what ends it.
 */
export function followRevocationLists({ file, lists }: Followed, following: Following): () => void {
  const { apply, logger, interval = 5000 } = following;
  let stamp = "";
  let current = lists.join("\n");
  let isLooking = false;
  const look = async (): Promise<void> => {
    const seen = await stampOf(file);
    if (seen === stamp) return;
    stamp = seen;
    try {
      const read = readRevocationLists(file);
      if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join("; "));
      const found = read.lists.join("\n");
      if (found === current) return;
      apply(read.lists);
      current = found;
      logger.info("client certificates are held to a newer revocation list", { file });
    } catch (error) {
      logger.error("the revocation list read before stays in use", { error });
    }
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => (isLooking = false));
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}

/** Something else whenever the file may be another; a missing one is one more thing to tell. */
async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "missing";
  }
}
