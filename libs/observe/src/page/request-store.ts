import { parseLine, type RequestLine } from "./request-line.ts";

/** One request with the lines that the tiers wrote of it, the first that it came to first. */
export interface SeenRequest {
  readonly id: string;
  readonly lines: readonly RequestLine[];
}

/** As many as a plane keeps, if it keeps many. */
const mostKept = 1_000;

/** Joins what several planes say of their latest requests. */
export class RequestStore {
  readonly #byId = new Map<string, SeenRequest>();
  readonly #last = new WeakMap<object, string>();
  #latest: readonly SeenRequest[] = [];

  /** What a plane is to be asked for next: after the first time only for what is new. */
  questionTo(plane: object): string {
    const last = this.#last.get(plane);
    return `/requests?limit=${mostKept}${last === undefined ? "" : `&after=${last}`}`;
  }

  /** Takes over what a plane answers, newest first; gives whether anything in it was new. */
  add(answer: unknown, plane: object): boolean {
    const lines = linesOf(answer);
    if (lines[0]) this.#last.set(plane, lines[0].id);
    let changed = false;
    for (const line of lines) changed = this.#put(line) || changed;
    if (!changed) return false;
    const sorted = [...this.#byId.values()].toSorted((one, other) => other.lines[0]!.at - one.lines[0]!.at);
    for (const { id } of sorted.splice(mostKept)) this.#byId.delete(id);
    this.#latest = sorted;
    return true;
  }

  get(id: string): SeenRequest | undefined {
    return this.#byId.get(id);
  }

  /** Newest first: those with this text in their path, route, caller, address, flags or ids, and this class of status. */
  find(text: string, outcome: string): readonly SeenRequest[] {
    const wanted = text.trim().toLowerCase();
    if (wanted === "" && outcome === "") return this.#latest;
    return this.#latest.filter(
      (request) => isOf(request, outcome) && request.lines.some((line) => searched(line).includes(wanted)),
    );
  }

  #put(line: RequestLine): boolean {
    const seen = this.#byId.get(line.id);
    if (seen?.lines.some(({ tier }) => tier === line.tier)) return false;
    // The tier in front began earlier; where the clocks of two machines say otherwise it still stands first.
    const lines = [...(seen?.lines ?? []), line].toSorted(
      (one, other) => Number(other.tier === "security") - Number(one.tier === "security") || one.at - other.at,
    );
    this.#byId.set(line.id, { id: line.id, lines });
    return true;
  }
}

function linesOf(answer: unknown): RequestLine[] {
  const requests = typeof answer === "object" && answer !== null && "requests" in answer ? answer.requests : [];
  return Array.isArray(requests) ? requests.map(parseLine).filter((line) => line !== undefined) : [];
}

/** What the client got: the word of the tier that it spoke with. */
export const statusOf = ({ lines }: SeenRequest): number => lines[0]?.status ?? 0;

/** What some tier of them knows. */
export const known = ({ lines }: SeenRequest, name: "route" | "caller" | "traceId"): string =>
  lines.map((line) => line[name]).findLast((value) => value !== "") ?? "";

const isOf = (request: SeenRequest, outcome: string): boolean => {
  const status = statusOf(request);
  if (outcome === "5") return status >= 500 || status === 0;
  return outcome === "" || (outcome === "4" ? status >= 400 && status < 500 : status > 0 && status < 400);
};

const searched = ({ path, method, route, caller, address, id, traceId, status, flags }: RequestLine): string =>
  [`${method} ${path}`, route, caller, address, id, traceId, status || "", ...flags].join("\n").toLowerCase();
