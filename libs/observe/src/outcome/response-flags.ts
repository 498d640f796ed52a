import type { ProblemCode } from "@tandem/contracts/errors";
import type { ResponseFlag } from "@tandem/contracts/response-flags";
import type { Attempt } from "@tandem/contracts/upstream";
import type { RequestRecord } from "@tandem/kernel/record";
import { isSlow } from "./outcome.ts";

type Flags = readonly ResponseFlag[];

/** What each problem amounts to; a list of none says that its status tells all. */
export const flagsOfProblem: Readonly<Record<ProblemCode, Flags>> = {
  "access.denied": ["denied"],
  "assertion.audience": ["assertion-refused"],
  "assertion.expired": ["assertion-refused"],
  "assertion.holder": ["assertion-refused"],
  "assertion.malformed": ["assertion-refused"],
  "assertion.missing": ["assertion-refused"],
  "assertion.signature": ["assertion-refused"],
  "body.too-large": ["too-large"],
  "credentials.certificate": ["unauthenticated", "credential-refused"],
  "credentials.expired": ["unauthenticated", "credential-expired"],
  "credentials.invalid": ["unauthenticated", "credential-refused"],
  "credentials.multiple": ["unauthenticated", "credential-refused"],
  "credentials.unsupported": ["unauthenticated", "credential-refused"],
  "identity.required": ["unauthenticated"],
  "identity.unavailable": ["identity-unavailable"],
  "request.aborted": ["client-left"],
  "request.conflict": [],
  "request.expectation": ["malformed"],
  "request.framing": ["malformed", "ambiguous-framing"],
  "request.head-too-large": ["too-large"],
  "request.header": ["malformed"],
  "request.host": ["malformed"],
  "request.malformed": ["malformed"],
  "request.method": ["method-refused"],
  "request.path": ["malformed"],
  "request.timeout": ["client-slow"],
  "request.upgrade": ["malformed"],
  "request.uri-too-long": ["too-large"],
  "route.method": ["method-refused"],
  "route.unknown": ["no-route"],
  "server.busy": ["gateway-busy"],
  "server.error": ["gateway-failed"],
  "tier.failed": ["upstream-reset"],
  "tier.refused": ["connect-failed"],
  "tier.timeout": ["upstream-timeout"],
  "tier.unavailable": ["no-instance"],
  "token.algorithm": ["unauthenticated", "credential-refused"],
  "token.audience": ["unauthenticated", "credential-refused"],
  "token.binding": ["unauthenticated", "credential-refused"],
  "token.claims": ["unauthenticated", "credential-refused"],
  "token.expired": ["unauthenticated", "credential-expired"],
  "token.inactive": ["unauthenticated", "credential-refused"],
  "token.issuer": ["unauthenticated", "credential-refused"],
  "token.key": ["unauthenticated", "credential-refused"],
  "token.malformed": ["unauthenticated", "credential-refused"],
  "token.not-yet-valid": ["unauthenticated", "credential-refused"],
  "token.proof": ["unauthenticated", "credential-refused"],
  "token.proof-nonce": ["unauthenticated"],
  "token.revoked": ["unauthenticated", "credential-revoked"],
  "token.signature": ["unauthenticated", "credential-refused"],
  "token.throttled": ["throttled"],
  "token.too-long": ["unauthenticated", "credential-refused"],
  "upstream.breaker-open": ["breaker-open"],
  "upstream.failed": ["upstream-reset"],
  "upstream.no-instance": ["no-instance"],
  "upstream.overloaded": ["overloaded"],
  "upstream.refused": ["connect-failed"],
  "upstream.timeout": ["upstream-timeout"],
};

const none: Flags = Object.freeze([]);

/**
 * What was out of the ordinary about a request, in words of the one list, each at most once; nothing for one that simply went
 * well. `slow` is the number of milliseconds from which on one is.
 */
export function flagsOf(record: RequestRecord, slow?: number): Flags {
  const wasSlow = isSlow(record, slow);
  return wasSlow || !isPlain(record) ? gather(record, wasSlow) : none;
}

/** Nearly every request is: found out without making anything. */
function isPlain({ error, ending, tunnelEnd, decision, attempts }: RequestRecord): boolean {
  if (error !== undefined || ending !== "answered" || tunnelEnd !== undefined || decision?.shadows) return false;
  return attempts.length === 0 || (attempts.length === 1 && isPlainAttempt(attempts[0]!));
}

const isPlainAttempt = ({ outcome, withheld, reason, status = 0 }: Attempt): boolean =>
  outcome === "answered" && withheld === undefined && reason === undefined && status < 500;

function gather({ error, ending, tunnelEnd, decision, phases, attempts }: RequestRecord, wasSlow: boolean): Flags {
  const flags = new Set<ResponseFlag>();
  if (phases.length === 0) flags.add("parser-refused");
  if (error !== undefined) for (const flag of flagsOfProblem[error]) flags.add(flag);
  for (const attempt of attempts) addAttempt(flags, attempt);
  if (ending !== "answered") flags.add(ending);
  if (tunnelEnd !== undefined) flags.add(flagOfEnd[tunnelEnd]);
  if (decision?.shadows) flags.add("shadow-differs");
  if (wasSlow) flags.add("slow");
  return [...flags];
}

const flagOfEnd = { idle: "tunnel-idle", age: "tunnel-aged", drain: "tunnel-drained" } as const;
const flagOfReason = { retry: "retried", hedge: "hedged" } as const;

function addAttempt(flags: Set<ResponseFlag>, attempt: Attempt): void {
  const { outcome, expired, reason, withheld, status = 0 } = attempt;
  if (outcome === "refused" || expired === "connect") flags.add("connect-failed");
  if (outcome === "timeout") flags.add("upstream-timeout");
  if (outcome === "reset") flags.add("upstream-reset");
  if (status >= 500) flags.add("upstream-error");
  if (attempt.uploading) flags.add("upload-broken");
  if (attempt.longHead) flags.add("upstream-long-head");
  if (reason) flags.add(flagOfReason[reason]);
  if (!withheld) return;
  flags.add("retry-withheld");
  if (withheld === "breaker-open" || withheld === "overloaded") flags.add(withheld);
}
