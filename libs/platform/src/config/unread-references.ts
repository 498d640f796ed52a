import type { ConfigPath, Problem } from "./diagnostic.ts";

/** References that no field resolves would reach an upstream or a key store as they are written. */
export function unreadReferences(data: unknown, consumed: ReadonlySet<string>, path: ConfigPath = []): Problem[] {
  if (typeof data === "string") {
    if (!/\$\{(?:env|file):/.test(data) || consumed.has(data)) return [];
    return [
      {
        path,
        message: "a reference has no meaning here",
        expected: "the value itself: only secrets and ports may refer",
      },
    ];
  }
  if (Array.isArray(data)) return data.flatMap((item, at) => unreadReferences(item, consumed, [...path, at]));
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => unreadReferences(value, consumed, [...path, key]));
}
