import { z } from "zod";
import { nearest } from "./nearest.ts";
import { type Reading, whileReading } from "./reading.ts";
import { listed } from "./wording.ts";
import { createIssueReader, type FieldProblem } from "./zod-problems.ts";

interface SectionsOptions {
  /** The sections whose secrets are fetched and whose paths are made absolute. */
  readonly own: readonly string[];
  readonly surroundings: Omit<Reading, "own">;
}

/** Parses section by section, because each may have other surroundings; `value` is whole only where there is no problem. */
export function parseSections(
  schema: z.ZodObject,
  data: Readonly<Record<string, unknown>>,
  { own, surroundings }: SectionsOptions,
): { value: Record<string, unknown>; problems: FieldProblem[] } {
  const names = Object.keys(schema.shape);
  const problems = unknownSections(data, names);
  const value: Record<string, unknown> = {};
  for (const name of names) {
    const section = schema.shape[name];
    if (section === undefined) continue;
    const reader = createIssueReader();
    const parsed = whileReading({ ...surroundings, own: own.includes(name) }, () =>
      z.safeParse(section, data[name], { error: reader.error }),
    );
    if (!parsed.success) problems.push(...reader.problems(parsed.error.issues, [name]));
    else if (parsed.data !== undefined) value[name] = parsed.data;
  }
  return { value, problems };
}

function unknownSections(data: Readonly<Record<string, unknown>>, names: readonly string[]): FieldProblem[] {
  const unknown = Object.keys(data).filter((key) => !names.includes(key));
  return unknown.map((key) => {
    const suggestion = nearest(key, names);
    const hint = suggestion === undefined ? { expected: listed(names) } : { suggestion };
    return { path: [key], at: "key", message: "unknown section", ...hint, unresolved: false };
  });
}
