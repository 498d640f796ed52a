/** A request line as this page shows it; `fields` is all that was logged. */
export interface RequestLine {
  readonly id: string;
  readonly tier: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** 0 where the client left before there was one. */
  readonly status: number;
  readonly ms: number;
  readonly route: string;
  readonly caller: string;
  readonly address: string;
  readonly traceId: string;
  readonly flags: readonly string[];
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line of the log; undefined for what is none. */
export function parseLine(line: unknown): RequestLine | undefined {
  if (typeof line !== "object" || line === null) return undefined;
  const fields: Record<string, unknown> = { ...line };
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
  const number = (name: string): number => {
    const value = fields[name];
    return typeof value === "number" ? value : 0;
  };
  const flags = fields["tandem.flags"];
  const id = text("http.request.id");
  const at = Date.parse(text("@timestamp"));
  if (id === "" || Number.isNaN(at)) return undefined;
  return {
    id,
    tier: text("tandem.tier"),
    at,
    method: text("http.request.method"),
    path: text("url.path") || text("url.original"),
    status: number("http.response.status_code"),
    // In ECS durations are nanoseconds.
    ms: number("event.duration") / 1e6,
    route: text("tandem.route"),
    caller: text("user.id"),
    address: text("client.address"),
    traceId: text("trace.id"),
    flags: Array.isArray(flags) ? flags.map(String) : [],
    fields,
  };
}

/** An object among the fields, or in one; empty where there is none. */
export const objectIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textIn = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" || typeof value === "boolean" ? String(value) : "";
