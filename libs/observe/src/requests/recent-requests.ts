import { createRing } from "../ring/ring.ts";

/** An access line again as the object that it was. */
export type LineObject = Readonly<Record<string, unknown>>;

/** By what the latest requests can be told apart. */
export interface RequestFilter {
  readonly route?: string | undefined;
  /** The first digit of the status: 4 for 4xx. */
  readonly statusClass?: number | undefined;
  /** The subject of the principal. */
  readonly principal?: string | undefined;
  readonly flag?: string | undefined;
  /** Only what ended later than the request of this id. */
  readonly after?: string | undefined;
}

/** The lines of the latest requests of this process, for whoever asks on the admin plane. */
export interface RecentRequests {
  /** How many there can be. */
  readonly keep: number;
  add(line: string): void;
  /** Newest first. */
  latest(count: number, filter?: RequestFilter): LineObject[];
  /** All lines of a request or of a trace, newest first. */
  get(id: string): LineObject[];
}

interface RecentRequestsOptions {
  readonly keep: number;
  /** Milliseconds after which a line is forgotten. */
  readonly age?: number;
  /** Characters of all lines together; an ordinary line has some 1 300 of them. */
  readonly most?: number;
  readonly now?: () => number;
}

/** Opens them. A line is kept as the text that it is, and read only when somebody asks. */
export function createRecentRequests({ most = 16_777_216, ...options }: RecentRequestsOptions): RecentRequests {
  const ring = createRing<string>({ most, ...options });

  return {
    keep: options.keep,
    add: (line) => ring.add(line, line.length),
    latest(count, filter = {}) {
      const found: LineObject[] = [];
      for (const line of ring.items()) {
        if (found.length >= count) break;
        const read: LineObject = JSON.parse(line);
        if (filter.after !== undefined && read["http.request.id"] === filter.after) break;
        if (isWanted(read, filter)) found.push(read);
      }
      return found;
    },
    get(id) {
      const named = JSON.stringify(id);
      const found: LineObject[] = [];
      for (const line of ring.items()) {
        if (!line.includes(named)) continue;
        const read: LineObject = JSON.parse(line);
        if (read["http.request.id"] === id || read["trace.id"] === id) found.push(read);
      }
      return found;
    },
  };
}

function isWanted(line: LineObject, { route, statusClass, principal, flag }: RequestFilter): boolean {
  if (route !== undefined && line["tandem.route"] !== route) return false;
  if (principal !== undefined && line["user.id"] !== principal) return false;
  const status = Number(line["http.response.status_code"] ?? 0);
  if (statusClass !== undefined && Math.floor(status / 100) !== statusClass) return false;
  const flags = line["tandem.flags"];
  return flag === undefined || (Array.isArray(flags) && flags.includes(flag));
}
