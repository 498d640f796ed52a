import { isUtf8 } from "node:buffer";
import { invalidClient, OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";

/** A client id and the secret that came with it; nothing is proved yet. */
export interface PresentedClient {
  readonly id: string;
  readonly secret: string;
}

const basic = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

/** Finds the one way in which a client presents itself (RFC 6749 §2.3): HTTP Basic, or the parameters, never both. */
export function presentedClient(authorization: readonly string[], form: Form): PresentedClient {
  const [header, ...more] = authorization;
  const [id, secret] = [form.get("client_id"), form.get("client_secret")];
  if (more.length > 0 || (header !== undefined && secret !== undefined))
    throw new OAuthError("invalid_request", "the client presents itself in more than one way");
  if (header === undefined) {
    if (id === undefined || secret === undefined) throw invalidClient();
    return { id, secret };
  }
  const client = readBasic(header);
  if (id !== undefined && id !== client.id)
    throw new OAuthError("invalid_request", "the client presents itself under two names");
  return client;
}

function readBasic(header: string): PresentedClient {
  const bytes = Buffer.from(basic.exec(header)?.[1] ?? "", "base64");
  const text = isUtf8(bytes) ? bytes.toString() : "";
  const colon = text.indexOf(":");
  if (colon === -1) throw invalidClient();
  return { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) };
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they become a password. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    // What the error says is the client's own text.
    throw invalidClient();
  }
}
