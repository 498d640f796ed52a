import { hash } from "node:crypto";

/** The name of a generation: 12 hex digits that change when these sections, as written and with nothing resolved, do. */
export function sectionHash(data: Readonly<Record<string, unknown>>, sections: readonly string[]): string {
  const chosen = Object.fromEntries(sections.map((name) => [name, data[name]]));
  return hash("sha256", canonical(chosen)).slice(0, 12);
}

/** JSON with sorted keys: the order of keys, comments and white space say nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, nested: unknown) =>
    typeof nested === "object" && nested !== null && !Array.isArray(nested)
      ? Object.fromEntries(Object.entries(nested).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : nested,
  );
}
