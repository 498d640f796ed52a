import { normaliseHost } from "@tandem/kernel/patterns/normalise-host";
import { normaliseTarget } from "@tandem/kernel/patterns/normalise-path";
import type { RequestView } from "@tandem/kernel/request-view";
import type { DpopOptions } from "./config.ts";
import type { Nonces } from "./nonces.ts";
import type { Proof } from "./proof.ts";
import { ProofError } from "./proof-error.ts";

interface Occasion {
  readonly request: RequestView;
  /** Of the token with which the proof came; absent at the token endpoint. */
  readonly tokenDigest: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly nonces: Nonces | undefined;
  /** The only ones by which we can be meant, as a Host header says them; undefined: any. */
  readonly hosts: readonly string[] | undefined;
}

/** Whether a proof was made for this request, lately, and with this token (RFC 9449 §4.3); throws ProofError. */
export function judgeProof(proof: Proof, { window, skew }: DpopOptions, occasion: Occasion): void {
  const { request, tokenDigest, now, nonces, hosts } = occasion;
  if (proof.method !== request.method) throw new ProofError("it is for another method");
  if (!isTarget(proof.target, request)) throw new ProofError("it is for another resource");
  // Whoever replays what was made for another server chooses the Host as well.
  if (hosts && !hosts.includes(request.header("host") ?? "")) throw new ProofError("it is for a host that is not ours");
  if (proof.issuedAt > now + skew) throw new ProofError("it is from the future");
  if (!(proof.issuedAt >= now - window)) throw new ProofError("it is too old");
  if (tokenDigest !== undefined && proof.tokenDigest !== tokenDigest)
    throw new ProofError("it is for another token, or for none");
  if (nonces && !nonces.isGood(proof.nonce))
    throw new ProofError("it holds no nonce of ours, or an old one", nonces.current);
}

const shape = /^(https?):\/\/([^/?#]+)([^?#]*)/i;

/** Compares in the one normal form, so that what a service gets is what the proof was for; query and fragment do not count. */
function isTarget(target: string, request: RequestView): boolean {
  const [, scheme = "", host = "", path = ""] = shape.exec(target) ?? [];
  if (scheme.toLowerCase() !== request.scheme) return false;
  const authority = normaliseHost(host, request.scheme);
  if (typeof authority === "string" || authority.text !== request.header("host")) return false;
  const normal = normaliseTarget(path || "/", request.method);
  return typeof normal !== "string" && normal.path === request.path;
}
