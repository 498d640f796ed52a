import { hasDuplicateMembers } from "@tandem/kernel/duplicate-members";

/** Deeper than any message for people's services, and no burden to whoever walks it. */
const mostNested = 64;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a JSON body says; undefined where two readers could differ about it: not UTF-8, not JSON, nested too deeply, or with a member named twice. */
export function readJson(body: Uint8Array): { readonly value: unknown } | undefined {
  const text = decoded(body);
  if (text === undefined || isTooDeep(text)) return undefined;
  const value = parsed(text);
  return value === undefined || hasDuplicateMembers(text, value) ? undefined : { value };
}

/** Tells by its headers whether a body is JSON as it stands: in UTF-8, and not compressed. */
export function isPlainJson(contentType: string | undefined, contentEncoding: string | undefined): boolean {
  if (contentType === undefined || !/^application\/(?:[\w!#$&^.+-]+\+)?json[ \t]*(?:;|$)/i.test(contentType))
    return false;
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== "identity") return false;
  return contentType
    .split(";")
    .every((parameter) => !/^[ \t]*charset/i.test(parameter) || /=[ \t]*"?utf-8"?[ \t]*$/i.test(parameter));
}

function decoded(body: Uint8Array): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    // Bytes that are no UTF-8 are no JSON (RFC 8259, 8.1).
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON takes no route that asks for JSON; the service may know what it is.
    return undefined;
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) isText = !isText;
    else if (isText) {
      if (code === 0x5c) index++;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > mostNested) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
