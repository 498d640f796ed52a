import { bearerChallenge } from "@tandem/contracts/challenge";
import { GatewayError } from "@tandem/contracts/errors";
import type { RequestView } from "@tandem/kernel/request-view";
import type { KindName } from "./strategy.ts";
import { tokenError } from "./token-error.ts";

/** What a request presents, and the name of the one passport strategy that judges it. */
export interface Credential {
  readonly kind: KindName;
  readonly text: string;
  /** Set where a proof must come with it (RFC 9449 §7.1). */
  readonly scheme?: "DPoP";
}

/** What is accepted at all. */
export interface Accepted {
  readonly kinds: ReadonlyMap<KindName, unknown>;
  /** Whether there is somebody to judge proofs. */
  readonly proofs: boolean;
}

/** Beyond this no token is looked at (RFC 8725 knows no limit, header parsers do). */
const longestToken = 8192;
const longestKey = 256;

/**
 * Finds the one credential of a request. Two of them are refused whatever they are worth: which one counts would be for
 * an attacker to find out. A client certificate is one only where nothing else is presented.
 */
export function credentialOf({ headers, peer }: RequestView, { kinds, proofs }: Accepted): Credential | undefined {
  let found = -1;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index];
    if (name !== "authorization" && name !== "x-api-key") continue;
    if (found !== -1) throw new GatewayError("credentials.multiple");
    found = index;
  }
  if (found === -1) {
    const certificate = kinds.has("certificate") ? peer.tls?.certificate : undefined;
    return certificate === undefined ? undefined : { kind: "certificate", text: certificate };
  }
  const credential = inHeader(headers[found] ?? "", headers[found + 1] ?? "");
  if (credential && kinds.has(credential.kind) && (proofs || !credential.scheme)) return credential;
  // What is no token of any kind is for the one to refuse that can say why.
  if (credential?.kind === "opaque" && kinds.has("jwt") && (proofs || !credential.scheme))
    return { ...credential, kind: "jwt" };
  throw new GatewayError("credentials.unsupported", { headers: { "www-authenticate": bearerChallenge } });
}

function inHeader(name: string, value: string): Credential | undefined {
  if (name === "x-api-key") {
    if (value.includes(",")) throw new GatewayError("credentials.multiple");
    return value.length > longestKey ? undefined : { kind: "api-key", text: value };
  }
  if (isBearer(value)) return tokenOf(value, "Bearer".length);
  return isDpop(value) ? { ...tokenOf(value, "DPoP".length), scheme: "DPoP" } : undefined;
}

function tokenOf(value: string, start: number): Credential {
  const text = tokenIn(value, start);
  return { kind: text.includes(".") ? "jwt" : "opaque", text };
}

const isBearer = (value: string): boolean => value.startsWith("Bearer ") || /^bearer(?: |$)/i.test(value);
const isDpop = (value: string): boolean => /^dpop(?: |$)/i.test(value);

function tokenIn(value: string, after: number): string {
  let start = after;
  while (value.charCodeAt(start) === 32) start++;
  const token = value.slice(start);
  if (token.includes(",")) throw new GatewayError("credentials.multiple");
  if (token.length > longestToken)
    throw tokenError("token.too-long", `at most ${longestToken} characters are accepted`);
  return token;
}
