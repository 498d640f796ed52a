import type { z } from "zod";
import type { ConfigPath, Problem } from "./diagnostic.ts";
import { nearest } from "./nearest.ts";
import { describeIssue, listed, type Wording } from "./wording.ts";

type Issue = z.core.$ZodIssue;

/** A problem as zod saw it; `missing` marks a secret that was well written and could not be fetched. */
export interface FieldProblem extends Problem {
  readonly unresolved: boolean;
}

/** Reads one parse's issues; made anew for each parse, because it keeps what zod's own issues leave out. */
export interface IssueReader {
  /** Goes into the parse. */
  readonly error: (issue: z.core.$ZodRawIssue) => string;
  /** What the issues of that parse come to, below `prefix`. */
  problems(issues: readonly Issue[], prefix: ConfigPath): FieldProblem[];
}

/**
 * A finished zod issue knows neither its input nor its schema, and zod takes nothing but a text from an error map: so
 * the map answers with the number of its wording, and the wording waits here.
 */
export function createIssueReader(): IssueReader {
  const wordings: Wording[] = [];
  const mark = "\0";
  const wordingOf = (issue: Issue): Wording => {
    const kept = issue.message.startsWith(mark) ? wordings[Number(issue.message.slice(1))] : undefined;
    return kept ?? { message: issue.message, missing: false, known: [], ...particulars(issue) };
  };

  function read(issue: Issue, prefix: ConfigPath): FieldProblem[] {
    const path = [...prefix, ...issue.path.map((step) => (typeof step === "number" ? step : String(step)))];
    const wording = wordingOf(issue);
    if (issue.code === "unrecognized_keys") return unknownKeys(issue.keys, path, wording.known);
    if (issue.code === "invalid_key") {
      const inner = issue.issues.flatMap((nested) => read(nested, path));
      return (inner.length > 0 ? inner : [toProblem(path, wording)]).map((problem) => ({
        ...problem,
        path,
        at: "key",
      }));
    }
    const isUnion = issue.code === "invalid_union" && issue.errors.length > 0;
    return isUnion ? readUnion(branchesOf(issue.errors), path, wording) : [toProblem(path, wording)];
  }

  /** Takes the branch that was meant: of those that fit the kind of the value, the one with the least to complain about. */
  function readUnion(branches: readonly (readonly Issue[])[], path: ConfigPath, own: Wording): FieldProblem[] {
    const best = branches
      .filter((issues) => !issues.some(isOtherKind))
      .map((issues) => ({ problems: issues.flatMap((issue) => read(issue, path)), tags: issues.filter(isTag).length }))
      .toSorted((left, right) => weight(left) - weight(right))[0];
    if (best !== undefined) return best.problems;
    const others = branches.flatMap((issues) => issues.filter(isOtherKind)).map(wordingOf);
    const expected = own.expected ?? listed([...new Set(others.flatMap((wording) => wording.expected ?? []))]);
    const named = others.find((wording) => wording.suggestion !== undefined) ?? others[0] ?? own;
    return [toProblem(path, { ...named, expected })];
  }

  return {
    error: (issue) => mark + String(wordings.push(describeIssue(issue)) - 1),
    problems: (issues, prefix) => issues.flatMap((issue) => read(issue, prefix)),
  };
}

function toProblem(path: ConfigPath, wording: Wording & { readonly unresolved?: boolean }): FieldProblem {
  const { message, expected, suggestion, missing } = wording;
  return {
    path,
    at: missing ? "parent" : "value",
    message,
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
    unresolved: wording.unresolved ?? false,
  };
}

function unknownKeys(keys: readonly string[], path: ConfigPath, known: readonly string[]): FieldProblem[] {
  return keys.map((key) => {
    const suggestion = nearest(key, known);
    const hint = suggestion === undefined ? expectedKeys(known) : { suggestion };
    return { path: [...path, key], at: "key", message: "unknown key", ...hint, unresolved: false };
  });
}

function expectedKeys(known: readonly string[]): { expected?: string } {
  return known.length === 0 || known.length > 12 ? {} : { expected: listed(known) };
}

/** A union within a union is one union. */
function branchesOf(errors: readonly (readonly Issue[])[]): readonly (readonly Issue[])[] {
  return errors.flatMap((issues) => {
    const [only] = issues;
    const nested = issues.length === 1 && only?.code === "invalid_union" && only.path.length === 0;
    return nested && only.errors.length > 0 ? branchesOf(only.errors) : [issues];
  });
}

/** The value itself, not something inside it, is of another kind than this branch is about. */
function isOtherKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

/** A word such as `type: …` that says what kind of mapping this is meant to be. */
function isTag(issue: Issue): boolean {
  return issue.path.length === 1 && issue.code === "invalid_value";
}

/** A wrong tag speaks against a branch; a mistyped key with a near neighbour speaks for it. */
function weight({ problems, tags }: { problems: readonly FieldProblem[]; tags: number }): number {
  return problems.reduce((sum, { suggestion }) => sum + (suggestion === undefined ? 1 : 0.5), tags * 2);
}

/** What a field of ours, or a refinement, says beside its message. */
function particulars(issue: Issue): { expected?: string; suggestion?: string; unresolved?: boolean } {
  const params: unknown = issue.code === "custom" ? issue.params : undefined;
  if (typeof params !== "object" || params === null) return {};
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(params, name);
    return typeof value === "string" ? value : undefined;
  };
  const expected = text("expected");
  const suggestion = text("suggestion");
  return {
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
    unresolved: Reflect.get(params, "missing") === true,
  };
}
