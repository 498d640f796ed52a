import { type Problem, formatPath } from "./diagnostic.ts";

/** Leaves out that a key is missing where another line says already that it is there and mistyped. */
export function withoutEchoes(problems: readonly Problem[]): readonly Problem[] {
  const meant = new Set(
    problems.flatMap(({ path, at, suggestion }) =>
      at === "key" && suggestion !== undefined ? [formatPath([...path.slice(0, -1), suggestion])] : [],
    ),
  );
  return problems.filter(({ path, at }) => at !== "parent" || !meant.has(formatPath(path)));
}
