import { assertionHeader, clientHeader, credentialHeader } from "@tandem/contracts/assertion";
import type { ProblemCode } from "@tandem/contracts/errors";
import { hopByHop, isManaged } from "./managed-headers.ts";

/** What becomes of a header, by its name alone. */
export interface HeaderRule {
  /** Lower case. */
  readonly name: string;
  /** Passed on, left out, read by us (and passed on in our own words), or reason enough to refuse the request. */
  readonly fate: "keep" | "drop" | "read" | "refuse";
  /** Nothing but ASCII in the value. */
  readonly ascii: boolean;
  /** A bit of its own where a second line would make the request ambiguous, else 0. */
  readonly once: number;
  /** The problem that a second line is. */
  readonly twice: ProblemCode;
  /** The `Connection` header may name it, so that it ends here. */
  readonly nameable: boolean;
}

/** Finds the rule of a name as it was sent. */
export type RuleOf = (rawName: string) => HeaderRule;

interface Trusted {
  readonly from: "strangers" | "security-tier";
  /** Further names, lower case, that only the gateways may set. */
  readonly managed: readonly string[];
}

const read: readonly (readonly [name: string, twice?: ProblemCode])[] = [
  [":authority", "request.host"],
  [":method", "request.malformed"],
  [":path", "request.malformed"],
  [":scheme", "request.malformed"],
  ["connection"],
  ["content-length"],
  ["cookie"],
  ["expect", "request.expectation"],
  ["host", "request.host"],
  ["te"],
  ["transfer-encoding"],
  ["upgrade", "request.upgrade"],
];

const keptOnce = [
  "access-control-request-method",
  "content-location",
  "content-range",
  "content-type",
  "if-modified-since",
  "if-range",
  "if-unmodified-since",
  "origin",
  "range",
  "sec-websocket-key",
  "sec-websocket-version",
];

const kept = [
  "accept",
  "accept-encoding",
  "accept-language",
  "access-control-request-headers",
  "authorization",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "date",
  "if-match",
  "if-none-match",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
  "x-api-key",
];

/** Text for people, in which bytes beyond ASCII do occur and nobody decides by it. */
const freeText = ["referer", "user-agent"];

const mostRemembered = 2000;
const longestRemembered = 64;

/** The rules of one tier. Each spelling of a name is judged once and remembered, so that a request costs one look-up a header. */
export function headerRules({ from, managed }: Trusted): RuleOf {
  const rules = new Map<string, HeaderRule>();
  const define = (name: string, rule: Partial<HeaderRule> = {}): void => {
    rules.set(name, { ...plain, name, nameable: false, ...rule });
  };
  let bits = 0;
  const bit = (): number => 1 << bits++;
  for (const [name, twice] of read)
    define(name, {
      fate: "read",
      ascii: name !== "cookie",
      ...(twice && { once: bit(), twice }),
      nameable: hopByHop.has(name),
    });
  for (const name of keptOnce) define(name, { once: bit() });
  for (const name of kept) define(name);
  for (const name of freeText) define(name, { ascii: false });
  for (const name of hopByHop) if (name !== "te") define(name, { fate: "drop", nameable: true });
  // The prelude has read it, and tells the next hop the id that is ours.
  define("x-request-id", { fate: "drop" });
  for (const name of managed) define(name, { fate: "drop" });
  if (from === "security-tier") {
    for (const name of [assertionHeader, clientHeader, credentialHeader]) define(name, { once: bit() });
    // The security tier has taken the credential off the way; what a service gets of it is the route's decision.
    for (const name of ["authorization", "x-api-key"]) define(name, { fate: "drop" });
  }
  const managedToo = new Set(managed);

  return (rawName) => {
    const known = rules.get(rawName);
    if (known) return known;
    const name = rawName.toLowerCase();
    const rule = rules.get(name) ?? judge(name, managedToo);
    // Strangers choose the names: what is remembered has an end.
    if (rules.size < mostRemembered && rawName.length <= longestRemembered) rules.set(rawName, rule);
    return rule;
  };
}

const plain: HeaderRule = {
  name: "",
  fate: "keep",
  ascii: true,
  once: 0,
  twice: "request.header",
  nameable: true,
};

function judge(name: string, managed: ReadonlySet<string>): HeaderRule {
  // Behind us `X_Real.IP` and `X-Real-IP` may become the same variable.
  const dashed = name.replace(/[^a-z0-9]/g, "-");
  if (isManaged(dashed) || managed.has(dashed)) return { ...plain, name, fate: "drop", nameable: false };
  if (dashed !== name) return { ...plain, name, fate: "refuse", nameable: false };
  return { ...plain, name };
}
