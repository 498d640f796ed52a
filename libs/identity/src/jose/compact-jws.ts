import { isUtf8 } from "node:buffer";
import { hasDuplicateMembers } from "@tandem/kernel/duplicate-members";
import { isJsonObject, type JsonObject } from "./json-object.ts";

/** A compact JWS taken apart, and nothing believed of it yet. */
export interface CompactJws {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** What was signed: the first two parts as they stand. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** The text is no compact JWS in its one strict form; the message says why, and may be shown. */
export class MalformedJws extends Error {}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const allowed = /^[A-Za-z0-9_-]*$/;
/** Each of these would let the token choose its own key, its own rules or another reading of itself (RFC 8725 §3.10, RFC 7797 §7). */
const refusedParameters = ["jku", "x5u", "x5c", "jwk", "crit", "b64"];

/**
 * Reads the strict compact form: three base64url parts without padding, white space or unused bits, two of them JSON
 * objects. A header may bring its own key only where that is `own`: where the signature is to prove who holds it.
 */
export function readCompactJws(text: string, { own = false }: { readonly own?: boolean } = {}): CompactJws {
  const firstDot = text.indexOf(".");
  const lastDot = text.lastIndexOf(".");
  const payloadPart = text.slice(firstDot + 1, lastDot);
  if (firstDot <= 0 || lastDot <= firstDot + 1 || payloadPart.includes("."))
    throw new MalformedJws("it does not have three parts");
  const header = objectOf(bytesOf(text.slice(0, firstDot)), "header");
  const payload = objectOf(bytesOf(payloadPart), "payload");
  const signature = bytesOf(text.slice(lastDot + 1));
  for (const name of refusedParameters)
    if (name in header && !(own && name === "jwk"))
      throw new MalformedJws(`the header parameter ${name} is not accepted`);
  if (typeof header["alg"] !== "string") throw new MalformedJws("its header names no algorithm");
  const { kid } = header;
  if (kid !== undefined && (typeof kid !== "string" || kid.length > 256))
    throw new MalformedJws("its key id is not a short text");
  return { header, payload, signingInput: text.slice(0, lastDot), signature };
}

function bytesOf(part: string): Buffer {
  if (!allowed.test(part)) throw new MalformedJws("it holds characters that are not base64url");
  const rest = part.length % 4;
  const last = alphabet.indexOf(part.at(-1) ?? "");
  // A final character with unused bits set would let one signature be written in several ways.
  if (rest === 1 || (rest === 2 && last & 15) || (rest === 3 && last & 3))
    throw new MalformedJws("it is not the one base64url form of its bytes");
  return Buffer.from(part, "base64url");
}

function objectOf(bytes: Buffer, part: string): JsonObject {
  if (!isUtf8(bytes)) throw new MalformedJws(`its ${part} is not UTF-8`);
  const text = bytes.toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says would show bytes of the token.
    throw new MalformedJws(`its ${part} is not JSON`);
  }
  if (!isJsonObject(value)) throw new MalformedJws(`its ${part} is not a JSON object`);
  if (hasDuplicateMembers(text, value)) throw new MalformedJws(`its ${part} names a member twice`);
  return value;
}
