import type { LogFields } from "./logger.ts";

/** A line again as the object that it was; undefined for what is no line of ours, such as half of one. */
export function readLine(text: string): LogFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isLine = (value: unknown): value is LogFields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
