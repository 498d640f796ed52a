import { networksOf } from "@tandem/kernel/listener/networks";
import type { Peer } from "@tandem/kernel/peer";
import type { TraceContextOptions, Trust } from "./config.ts";

/** Tells what becomes of the trace context that a peer sends. */
export type TrustOf = (peer: Peer) => Trust;

/** Compiles the policy for a listener that serves strangers; the networks are compared once per connection. */
export function trustOfStrangers({ trust, networks }: TraceContextOptions): TrustOf {
  if (networks.length === 0) return () => trust;
  const rules = networks.map((rule) => ({ trust: rule.trust, has: networksOf(rule.from) }));
  const known = new WeakMap<Peer, Trust>();
  return (peer) => {
    let found = known.get(peer);
    if (found === undefined) {
      found = rules.find(({ has }) => has(peer.address))?.trust ?? trust;
      known.set(peer, found);
    }
    return found;
  };
}

/** A certificate that was verified, or the loopback clear text of `npm start`: no other listener of the routing tier starts. */
export function isSecurityTier({ tls, address }: Peer): boolean {
  if (tls) return tls.certificate !== undefined;
  return address === "::1" || address.startsWith("127.");
}
