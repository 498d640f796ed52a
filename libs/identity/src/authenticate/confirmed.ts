import { tokenError } from "./token-error.ts";
import type { Condition } from "./verified.ts";

/** Holds a token that is bound to a certificate (RFC 8705 §3) to the connection on which it comes. */
export const confirmed: Condition = ({ confirmation }, { peer }) => {
  if (!confirmation) return;
  const { certificate, key } = confirmation;
  if (certificate !== undefined && certificate !== peer.tls?.certificate)
    throw tokenError("token.binding", "it is bound to another client certificate");
  if (key !== undefined) throw tokenError("token.binding", "it is bound to a key that was not shown");
};
