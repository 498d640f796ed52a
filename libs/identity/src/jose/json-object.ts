/** What JSON calls an object; of its members nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Tells it from a list and from null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
