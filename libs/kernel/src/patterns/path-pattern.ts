import { normaliseTarget, pathRefusals } from "./normalise-path.ts";
import { PatternError } from "./pattern-error.ts";

/** What the `{name}` segments of a pattern matched, in normal form: still escaped where the path was. */
export type PathParams = Readonly<Record<string, string>>;

/** A compiled pattern of paths. */
export interface PathPattern {
  readonly text: string;
  readonly segments: readonly Segment[];
  /** It ends in `/**`: everything below matches too. */
  readonly rest: boolean;
  /** The segments as one string, where none of them is a wildcard. */
  readonly literal: string | undefined;
}

/** One segment of a pattern: this text, or anything, under a name or not. */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "any"; readonly name: string | undefined };

/** Compiles `/exact`, `/items/{id}`, `/items/*` or `/orders/**`; throws a PatternError on what could never match. */
export function compilePath(text: string): PathPattern {
  if (!text.startsWith("/")) throw new PatternError(text, 0, 'a path pattern begins with "/"');
  const rest = text.endsWith("/**");
  const body = rest ? text.slice(0, -3) : text === "/" ? "" : text;
  const segments: Segment[] = [];
  const names = new Set<string>();
  for (let start = 1; start <= body.length;) {
    const slash = body.indexOf("/", start);
    const end = slash < 0 ? body.length : slash;
    const segment = compileSegment(text, start, end);
    if (segment.kind === "any" && segment.name !== undefined) {
      if (names.has(segment.name)) throw new PatternError(text, start, `the parameter {${segment.name}} stands twice`);
      names.add(segment.name);
    }
    segments.push(segment);
    start = end + 1;
  }
  const literal = segments.every((segment) => segment.kind === "literal") ? body : undefined;
  return { text, segments, rest, literal };
}

function compileSegment(pattern: string, start: number, end: number): Segment {
  const text = pattern.slice(start, end);
  const fault = (message: string, offset = 0): PatternError => new PatternError(pattern, start + offset, message);
  if (text === "") {
    if (start === pattern.length) throw fault("a final slash is never compared: leave it out", -1);
    throw fault("an empty segment never matches");
  }
  if (text === "**") throw fault("** can only be the last segment");
  if (text === "*") return { kind: "any", name: undefined };
  const wildcard = text.search(/[*{}]/);
  if (wildcard >= 0) {
    const name = /^\{([a-zA-Z][a-zA-Z0-9_]*)\}$/.exec(text)?.[1];
    if (name === undefined) throw fault("a wildcard is a whole segment: *, {name}, or a final **", wildcard);
    return { kind: "any", name };
  }
  const plus = text.search(/\+|%2b/i);
  if (plus >= 0) throw fault("servers disagree whether a plus is a space: write * for this segment", plus);
  const normal = normaliseTarget(`/${text}`, "GET");
  if (typeof normal === "string") throw fault(`${pathRefusals[normal]}: no request gets that far`, faultOffset(text));
  if (normal.query !== "") throw fault("a pattern has no query", text.indexOf("?"));
  if (normal.path !== `/${text}`) throw fault(`write it in normal form: "${normal.path.slice(1)}"`);
  return { kind: "literal", text };
}

const faultOffset = (text: string): number => Math.max(0, text.search(/[^\w.~!$&'()*,:=@-]/));

const noParams: PathParams = Object.freeze({});

/** What a pattern's parameters are on a path in normal form, or undefined where it does not match. A final slash is not compared. */
export function matchPath(pattern: PathPattern, path: string): PathParams | undefined {
  if (path.charCodeAt(0) !== slash) return undefined;
  const { segments, rest, literal } = pattern;
  if (literal !== undefined)
    return path.startsWith(literal) && endsAt(path, literal.length, rest) ? noParams : undefined;
  let params: Record<string, string> | undefined;
  let position = 0;
  for (const segment of segments) {
    const start = position + 1;
    const next = path.indexOf("/", start);
    const end = next < 0 ? path.length : next;
    if (start >= end) return undefined;
    if (segment.kind === "any") {
      if (segment.name !== undefined) (params ??= {})[segment.name] = path.slice(start, end);
    } else if (segment.text.length !== end - start || !path.startsWith(segment.text, start)) return undefined;
    position = end;
  }
  return endsAt(path, position, rest) ? (params ?? noParams) : undefined;
}

const slash = 0x2f;

function endsAt(path: string, position: number, rest: boolean): boolean {
  if (position === path.length) return true;
  return path.charCodeAt(position) === slash && (rest || position === path.length - 1);
}

/** Sorts the more specific pattern first: where two first differ, text before a wildcard, a wildcard before the end, the end before `**`. */
export function compareSpecificity(one: PathPattern, other: PathPattern): number {
  const shared = Math.max(one.segments.length, other.segments.length);
  for (let index = 0; index <= shared; index++) {
    const difference = rankAt(one, index) - rankAt(other, index);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rankAt(pattern: PathPattern, index: number): number {
  const segment = pattern.segments[index];
  if (segment) return segment.kind === "literal" ? 0 : 1;
  return pattern.rest ? 3 : 2;
}
