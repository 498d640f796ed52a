import { normaliseHost, type Authority } from "./normalise-host.ts";

/** A request target in its one normal form. */
export interface Target {
  /** What is routed, authorised and forwarded; `*` for a question about the server as a whole. */
  readonly path: string;
  /** Verbatim, with its question mark, or empty. */
  readonly query: string;
}

/** Why a target has no normal form: the key is for tests and logs, the sentence for the client. */
export const pathRefusals = {
  authority: "the target names another host than the Host header",
  character: "the path holds a character that must be escaped",
  control: "the path holds an escaped control character",
  "dot-segment": "the path holds a dot segment",
  "double-escape": "the path is escaped twice",
  "empty-segment": "the path holds an empty segment",
  escape: "the path holds an escape that is not valid UTF-8",
  form: "the target is not a path",
  query: "the query holds a character that must be escaped, or a broken escape",
  separator: "the path holds an escaped slash, a backslash or a semicolon",
} as const;

export type PathRefusal = keyof typeof pathRefusals;

/** The scheme and the Host that an absolute target must agree with. */
export type Asked = Authority & { readonly scheme: "http" | "https" };

const wholeServer: Target = { path: "*", query: "" };

/** The normal form of a request target, or why there is none; without `asked` only a path will do. */
export function normaliseTarget(target: string, method: string, asked?: Asked): Target | PathRefusal {
  if (target.charCodeAt(0) === slash) return normalisePathAndQuery(target);
  if (target === "*") return method === "OPTIONS" ? wholeServer : "form";
  return asked ? normaliseAbsolute(target, asked) : "form";
}

const slash = 0x2f;

function normaliseAbsolute(target: string, asked: Asked): Target | PathRefusal {
  const scheme = /^https?:\/\//i.exec(target);
  if (!scheme) return "form";
  const rest = target.slice(scheme[0].length);
  const end = rest.search(/[/?#]/);
  const named = normaliseHost(end < 0 ? rest : rest.slice(0, end), asked.scheme);
  if (typeof named === "string" || named.text !== asked.text) return "authority";
  const path = end < 0 ? "/" : rest.slice(end);
  return normalisePathAndQuery(path.startsWith("/") ? path : `/${path}`);
}

function normalisePathAndQuery(target: string): Target | PathRefusal {
  const mark = target.indexOf("?");
  const raw = mark < 0 ? target : target.slice(0, mark);
  if (mark >= 0 && !isQuery(target, mark + 1)) return "query";
  const query = mark < 0 ? "" : target.slice(mark);
  if (!raw.includes("%")) return segmentProblem(raw) ?? { path: raw, query };
  const refusal = escapeProblem(raw);
  if (refusal) return refusal;
  const path = raw.replace(escapeSequence, rewriteEscape);
  return segmentProblem(path) ?? { path, query };
}

const escapeSequence = /%[0-9a-f]{2}/gi;
const control = /\p{Cc}/u;

// A server behind us may decode these before it splits the path, or after: nobody can say what they mean.
const escapedSeparator = /%(?:2f|3b|5c)/i;

function escapeProblem(raw: string): PathRefusal | undefined {
  if (escapedSeparator.test(raw)) return "separator";
  try {
    // Throws on half escapes, on bytes that are no UTF-8, on overlong forms and on lone surrogates.
    return control.test(decodeURIComponent(raw)) ? "control" : undefined;
  } catch {
    return "escape";
  }
}

// What a path may hold bare is made bare, or `%3A` would pass by a rule that says `:`. The plus stays as it came:
// to some servers it is a space.
const bare = new Map<string, string>();
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*,:=@")
  bare.set(`%${character.charCodeAt(0).toString(16).toUpperCase()}`, character);

function rewriteEscape(escaped: string): string {
  const upper = escaped.toUpperCase();
  return bare.get(upper) ?? upper;
}

const refused = 0;
const plain = 1;
const separator = 2;
const special = 3;

const kinds = new Uint8Array(256);
for (const character of `${[...bare.values()].join("")}+`) kinds[character.charCodeAt(0)] = plain;
for (const character of "/.%") kinds[character.charCodeAt(0)] = special;
for (const character of "\\;") kinds[character.charCodeAt(0)] = separator;

function segmentProblem(path: string): PathRefusal | undefined {
  for (let index = 0; index < path.length; index++) {
    const kind = kinds[path.charCodeAt(index)] ?? refused;
    if (kind === plain) continue;
    if (kind !== special) return kind === separator ? "separator" : "character";
    const code = path.charCodeAt(index);
    if (code === slash) {
      if (path.charCodeAt(index + 1) === slash) return "empty-segment";
    } else if (code === dot) {
      if (path.charCodeAt(index - 1) === slash && isDotSegment(path, index)) return "dot-segment";
    } else if (path.startsWith("25", index + 1) && isHex(path, index + 3) && isHex(path, index + 4))
      return "double-escape";
  }
  return undefined;
}

const dot = 0x2e;

function isDotSegment(path: string, start: number): boolean {
  const end = path.charCodeAt(start + 1) === dot ? start + 2 : start + 1;
  return end === path.length || path.charCodeAt(end) === slash;
}

function isHex(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function isQuery(target: string, start: number): boolean {
  for (let index = start; index < target.length; index++) {
    const code = target.charCodeAt(index);
    if (code < 0x21 || code > 0x7e || code === 0x23) return false;
    if (code === 0x25 && !(isHex(target, index + 1) && isHex(target, index + 2))) return false;
  }
  return true;
}
