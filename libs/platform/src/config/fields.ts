import { resolve } from "node:path";
import { z } from "zod";
import { expectations } from "./expectations.ts";
import { parseQuantity, type Quantity, repairQuantity, size, time } from "./quantity.ts";
import { currentReading } from "./reading.ts";
import { hasReference, resolveReferences } from "./reference.ts";

interface Bounds {
  /** Written as in the file: `"100ms"`, `"1KiB"`. */
  readonly min?: string;
  readonly max?: string;
}

const aPort = "a port: a number from 0 to 65535, or ${env:NAME}";

/** A duration with its unit, as milliseconds. At most 24 days unless `max` says more: Node's timers overflow there and fire at once. */
export function duration({ min = "0ms", max = "24d" }: Bounds = {}) {
  return bounded(time, { min, max });
}

/** A size with its unit, as a number of bytes. */
export function bytes({ min = "0B", max = "1024GiB" }: Bounds = {}) {
  return bounded(size, { min, max });
}

/** A port: a number, or `${env:NAME}`. In a section that this process does not resolve the latter is NaN, equal to no other port. */
export function port() {
  const reference = z.string().meta({ pattern: "^\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}$" });
  return z
    .union([z.int().min(0).max(65_535), reference])
    .register(expectations, { expected: aPort })
    .transform((value, context): number => {
      if (typeof value === "number") return value;
      const reject = (message: string, params: object): number => {
        context.addIssue({ code: "custom", message, params });
        return z.NEVER;
      };
      if (!/^\$\{env:[^}]*\}$/.test(value)) return reject(`found ${JSON.stringify(value)}`, { expected: aPort });
      const reading = currentReading();
      reading.consumed.add(value);
      const resolved = resolveReferences(value, reading);
      if (!resolved.ok && resolved.missing && reading.lenient) return Number.NaN;
      if (!resolved.ok) return reject(resolved.message, { missing: resolved.missing });
      if (!reading.own) return Number.NaN;
      const found = /^\d{1,5}$/.test(resolved.text) ? Number(resolved.text) : -1;
      if (found >= 0 && found <= 65_535) return found;
      return reject(`the value of ${value} is no port`, { expected: "a number from 0 to 65535", missing: true });
    });
}

/** A file or directory; relative ones start at the configuration file. That it exists is for the reader of it to find out. */
export function path() {
  return z
    .string()
    .meta({ description: "A path, absolute or relative to this file." })
    .register(expectations, { expected: "a path" })
    .transform((text, context): string => {
      if (text === "" || text.includes("\0") || hasReference(text)) {
        context.addIssue({ code: "custom", message: `found ${JSON.stringify(text)}`, params: { expected: "a path" } });
        return z.NEVER;
      }
      const reading = currentReading();
      return reading.own ? resolve(reading.directory, text) : text;
    });
}

function bounded(quantity: Quantity, { min, max }: Required<Bounds>) {
  const least = parseQuantity(quantity, min);
  const most = parseQuantity(quantity, max);
  if (least === undefined || most === undefined) throw new TypeError(`these bounds are no quantities: ${min}, ${max}`);
  return z
    .string()
    .meta({ pattern: quantity.pattern.source })
    .register(expectations, { expected: quantity.expected })
    .transform((text, context): number => {
      const value = parseQuantity(quantity, text);
      const reject = (params: { expected: string; suggestion?: string | undefined }): number => {
        context.addIssue({ code: "custom", message: `found ${JSON.stringify(text)}`, params });
        return z.NEVER;
      };
      if (value === undefined) {
        return reject({ expected: quantity.expected, suggestion: repairQuantity(quantity, text) });
      }
      if (value < least) return reject({ expected: `at least ${min}` });
      return value > most ? reject({ expected: `at most ${max}` }) : value;
    });
}
