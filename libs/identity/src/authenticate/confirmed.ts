import { dpopError } from "./dpop-error.ts";
import { tokenError } from "./token-error.ts";
import type { Condition } from "./verified.ts";

/**
 * Holds a token that is bound to a certificate (RFC 8705 §3) to the connection on which it comes, and one that is bound to
 * a key (RFC 9449 §7) to the scheme under which that key is shown.
 */
export const confirmed: Condition = ({ confirmation }, { peer, scheme }) => {
  const certificate = confirmation?.certificate;
  if (certificate !== undefined && certificate !== peer.tls?.certificate)
    throw tokenError("token.binding", "it is bound to another client certificate");
  const isBoundToKey = confirmation?.key !== undefined;
  if (isBoundToKey && scheme !== "DPoP")
    throw dpopError("token.binding", { detail: "it is bound to a key that was not shown" });
  if (!isBoundToKey && scheme === "DPoP")
    throw dpopError("token.binding", { detail: "it is bound to no key, so that no proof can go with it" });
};
