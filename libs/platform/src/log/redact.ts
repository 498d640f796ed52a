import { Secret } from "../config/secret.ts";
import { describeError } from "./describe-error.ts";

const shown = "[secret]";
const deepest = 6;
const widest = 100;
const longest = 8192;

const secretWords =
  /(?:authorization|cookies?|tokens?|secrets?|passwords?|passwd|passphrase|credentials?|assertion|apikeys?|privatekeys?)$/;
/** `key`, `signing_key` and `signingKey`, but neither `monkey` nor a public key. */
const keyWords = /^[Kk]eys?$|[a-z0-9]Keys?$|[-_.][Kk]eys?$/;

/** Tells by a field's name whether its value is nobody's business; `tokenId` and `keyId` are names of things, not the things. */
export function isSecretName(name: string): boolean {
  if (keyWords.test(name)) return !/public[-_.]?keys?$/i.test(name);
  return secretWords.test(name.toLowerCase().replaceAll(/[-_.]/g, ""));
}

interface RedactOptions {
  /** Stacks are for those who debug. */
  readonly stacks: boolean;
}

/** A copy that JSON can hold and anyone may see: without secrets, cycles, depths and lengths. */
export function redact(value: unknown, { stacks }: RedactOptions, ancestors: readonly object[] = []): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "function") return `[function ${value.name}]`;
  if (typeof value === "bigint" || typeof value === "symbol") return value.toString();
  if (typeof value !== "object") return value;
  if (value === null) return value;
  if (value instanceof Secret) return shown;
  if (value instanceof Error) return redactEntries(describeError(value, stacks), { stacks }, [...ancestors, value]);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (ancestors.includes(value)) return "[cycle]";
  if (ancestors.length >= deepest) return "[deeper]";
  const inside = [...ancestors, value];
  if (value instanceof Map) return redactEntries(Object.fromEntries(value), { stacks }, inside);
  const items = value instanceof Set ? [...value] : value;
  if (!Array.isArray(items)) return redactEntries(value, { stacks }, inside);
  const kept = items.slice(0, widest).map((item) => redact(item, { stacks }, inside));
  return items.length > widest ? [...kept, `[${items.length - widest} more]`] : kept;
}

function redactEntries(value: object, options: RedactOptions, ancestors: readonly object[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value).slice(0, widest)) {
    try {
      const field: unknown = Reflect.get(value, name);
      const isHidden = isSecretName(name) && field !== undefined && field !== null && typeof field !== "boolean";
      copy[name] = isHidden ? shown : redact(field, options, ancestors);
    } catch {
      copy[name] = "[unreadable]";
    }
  }
  return copy;
}

/** Credentials also travel inside of texts: in a header or a form that an error quotes, in the address of a store. */
function redactText(text: string): string {
  // One that the cut goes through is still seen as a whole.
  const known = text
    .slice(0, 2 * longest)
    .replaceAll(/\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}/gi, `$1 ${shown}`)
    .replaceAll(/((?:token|secret|password|passwd|assertion|api[-_]?key)=)[^\s&"'\\;,]+/gi, `$1${shown}`)
    .replaceAll(/((?:token|secret|password|passwd|assertion|api[-_]?key)":\s*")[^"]+/gi, `$1${shown}`)
    .replaceAll(/(\/\/[^/\s:@]*):[^/\s@]+@/g, `$1:${shown}@`)
    .replaceAll(dotted, withoutJwt);
  return text.length > longest ? `${known.slice(0, longest)}…[${text.length - longest} more]` : known;
}

/** Looked at one after the other: an expression for all of a JWT would look at each letter of such a run once for each "eyJ" in it. */
const dotted = /(?<![\w-])[\w-]+(?:\.[\w-]*)+/g;

function withoutJwt(run: string): string {
  const parts = run.split(".");
  const kept: string[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    const start = part.search(/\beyJ/);
    const isJwt = start >= 0 && part.length - start >= 11 && (parts[index + 1] ?? "").length >= 8;
    const isWhole = isJwt && index + 2 < parts.length;
    kept.push(isWhole ? part.slice(0, start) + shown : part);
    if (isWhole) index += 2;
  }
  return kept.join(".");
}
