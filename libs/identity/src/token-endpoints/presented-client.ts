import { isUtf8 } from "node:buffer";
import { MalformedJws, readCompactJws, type CompactJws } from "../jose/compact-jws.ts";
import { invalidClient, OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";

/** A client id and the secret that came with it. */
export interface PresentedSecret {
  readonly by: "secret";
  readonly id: string;
  readonly secret: string;
}

/** A client id and what came with it; nothing is proved yet. */
export type PresentedClient =
  | PresentedSecret
  | { readonly by: "assertion"; readonly id: string; readonly jws: CompactJws }
  | { readonly by: "name"; readonly id: string };

const basic = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;
const bearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Finds the one way in which a client presents itself: HTTP Basic or parameters (RFC 6749 §2.3), an assertion
 * (RFC 7521 §4.2), or its mere name (RFC 8705 §2), never two of them.
 */
export function presentedClient(authorization: readonly string[], form: Form): PresentedClient {
  const [header, ...more] = authorization;
  const [id, secret] = [form.get("client_id"), form.get("client_secret")];
  const assertion = form.get("client_assertion") ?? form.get("client_assertion_type");
  const ways = [header, ...more, secret, assertion].filter((way) => way !== undefined);
  if (ways.length > 1) throw new OAuthError("invalid_request", "the client presents itself in more than one way");
  if (header === undefined && assertion === undefined) {
    if (id === undefined) throw invalidClient("the client does not say who it is");
    return secret === undefined ? { by: "name", id } : { by: "secret", id, secret };
  }
  const client = header === undefined ? readAssertion(form) : readBasic(header);
  if (id !== undefined && id !== client.id)
    throw new OAuthError("invalid_request", "the client presents itself under two names");
  return client;
}

function readBasic(header: string): PresentedClient {
  const bytes = Buffer.from(basic.exec(header)?.[1] ?? "", "base64");
  const text = isUtf8(bytes) ? bytes.toString() : "";
  const colon = text.indexOf(":");
  if (colon === -1) throw invalidClient("its authorization is not HTTP Basic");
  return { by: "secret", id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they become a password. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    // What the error says is the client's own text.
    throw invalidClient("its id or its secret is not form-encoded");
  }
}

/** Whose it is, it says itself: that only chooses the keys which have to prove it. */
function readAssertion(form: Form): PresentedClient {
  if (form.get("client_assertion_type") !== bearerAssertion)
    throw invalidClient("its assertion is of no type that is accepted");
  const jws = read(form.get("client_assertion") ?? "");
  const { sub } = jws.payload;
  if (typeof sub !== "string") throw invalidClient("its assertion names no subject");
  return { by: "assertion", id: sub, jws };
}

function read(assertion: string): CompactJws {
  try {
    return readCompactJws(assertion);
  } catch (error) {
    if (!(error instanceof MalformedJws)) throw error;
    throw invalidClient(`its assertion: ${error.message}`);
  }
}
