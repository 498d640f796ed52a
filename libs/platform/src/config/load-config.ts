import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { deepFreeze } from "./deep-freeze.ts";
import type { Diagnostic, Problem } from "./diagnostic.ts";
import { type Environment, processEnvironment } from "./environment.ts";
import { parseSections } from "./parse-sections.ts";
import { sectionHash } from "./section-hash.ts";
import { unreadReferences } from "./unread-references.ts";
import { withoutEchoes } from "./without-echoes.ts";
import { readYaml } from "./yaml-source.ts";

/** Looks at what one field cannot see: dead rules, duplicate names, unknown services. Runs when every field is well. */
export type Check<T> = (value: T) => readonly Problem[];

/** How to load; the names of sections are the keys of the schema. */
export interface LoadOptions<Schema extends z.ZodObject, Own extends string> {
  readonly file: string;
  /** The sum of all sections; the whole file is held against it, whoever reads it. */
  readonly schema: Schema;
  /** This process's own sections: secrets are fetched and paths made absolute in these alone. */
  readonly resolve?: readonly (keyof z.output<Schema> & string)[];
  /** Sections that must be there, though the schema leaves them out for the other tier. */
  readonly require?: readonly Own[];
  readonly checks?: readonly Check<z.output<Schema>>[];
  readonly environment?: Environment;
}

type Required<Value, Own extends string> = Value & {
  readonly [Name in Own & keyof Value]: Exclude<Value[Name], undefined>;
};

/** A frozen configuration, or everything that is wrong with the file, in its own order. */
export type LoadResult<Value> =
  | { readonly ok: true; readonly value: Value; readonly hash: string }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Reads, validates and resolves one configuration file. `hash` names the generation: it is that of `resolve`, or of all sections. */
export function loadConfig<Schema extends z.ZodObject, Own extends keyof z.output<Schema> & string = never>(
  options: LoadOptions<Schema, Own>,
): LoadResult<Required<z.output<Schema>, Own>> {
  const { file, schema, resolve: own = [], require = [], checks = [], environment = processEnvironment() } = options;
  const { source, diagnostics } = readYaml(file);
  if (source === undefined) return refuse(diagnostics);

  const surroundings = { directory: dirname(resolve(file)), environment, consumed: new Set<string>(), lenient: false };
  const parsed = parseSections(schema, source.data, { own, surroundings });
  const problems: Problem[] = [...missingSections(source.data, require), ...parsed.problems];

  if (parsed.problems.every(({ unresolved }) => unresolved) && problems.length === parsed.problems.length) {
    const lenient = { own, surroundings: { ...surroundings, lenient: true } };
    const whole = parsed.problems.length === 0 ? parsed : parseSections(schema, source.data, lenient);
    problems.push(...unreadReferences(source.data, surroundings.consumed));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the sections were parsed one by one with the very schema that this type is read from
    const value = deepFreeze(whole.value as Required<z.output<Schema>, Own>);
    problems.push(...checks.flatMap((check) => check(value)));
    if (problems.length + diagnostics.length === 0) {
      return { ok: true, value, hash: sectionHash(source.data, own.length > 0 ? own : Object.keys(schema.shape)) };
    }
  }
  return refuse([...diagnostics, ...withoutEchoes(problems).map((problem) => source.locate(problem))]);
}

function refuse(diagnostics: readonly Diagnostic[]): { ok: false; diagnostics: readonly Diagnostic[] } {
  const sorted = diagnostics.toSorted((left, right) => left.line - right.line || left.column - right.column);
  return { ok: false, diagnostics: sorted };
}

function missingSections(data: Readonly<Record<string, unknown>>, names: readonly string[]): Problem[] {
  const missing = names.filter((name) => data[name] === undefined);
  return missing.map((name) => ({ path: [name], at: "parent", message: "missing", expected: "this section" }));
}
