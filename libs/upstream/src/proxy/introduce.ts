import type { Exchange } from "@tandem/kernel/exchange";

/**
 * Tells the service who asks and how. The request's id was set by the prelude; what vouches between the tiers is off
 * the way already: `acceptAssertion` drops it, and from strangers hygiene takes none.
 */
export function introduce({ outgoing, request }: Exchange): void {
  outgoing.set("x-forwarded-for", request.clientAddress);
  outgoing.set("x-forwarded-proto", request.scheme);
  outgoing.set("x-forwarded-host", request.header("host") ?? request.host);
}
