import { credentialHeader } from "@tandem/contracts/assertion";
import type { Exchange } from "@tandem/kernel/exchange";

/** Takes the client's own credential along to the routing tier, under the name of the header in which it came. */
export function carry({ request, outgoing }: Pick<Exchange, "request" | "outgoing">): void {
  for (const name of ["authorization", "x-api-key"]) {
    const value = request.header(name);
    if (value !== undefined) outgoing.set(credentialHeader, `${name} ${value}`);
  }
}
