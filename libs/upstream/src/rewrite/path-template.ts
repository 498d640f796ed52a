import { compilePath, type PathPattern } from "@tandem/kernel/patterns/path-pattern";
import { PatternError } from "@tandem/kernel/patterns/pattern-error";
import { z } from "zod";

const expected = "a path: /new, /new/{id}, or /new/** with whatever the ** of the route's path matched";

/** A path to be filled in, in a configuration: written like a pattern, so that what is not a parameter is in normal form. */
export function pathTemplateField() {
  return z.string().superRefine((text, context) => {
    const fault = formFault(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault, params: { expected } });
  });
}

function formFault(text: string): string | undefined {
  try {
    const nameless = compilePath(text).segments.some((segment) => segment.kind === "any" && segment.name === undefined);
    return nameless ? "a * has no name: write {name} here and in the route's path" : undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

/** What a template asks for and a pattern does not have, as a sentence. */
export function templateFault(template: string, pattern: string): string | undefined {
  const wanted = compilePath(template);
  const given = compilePath(pattern);
  for (const segment of wanted.segments)
    if (segment.kind === "any" && placeOf(segment.name, given) < 0)
      return `${pattern} has no parameter {${segment.name}}`;
  return wanted.rest && !given.rest ? `${pattern} does not end in /**` : undefined;
}

const placeOf = (name: string | undefined, { segments }: PathPattern): number =>
  segments.findIndex((segment) => segment.kind === "any" && segment.name === name);

/**
 * A template laid over one pattern. It moves whole segments of a path in normal form and text that is in normal form
 * itself, so that what comes out is in normal form too.
 */
export class PathFill {
  /** Text, or the place of the segment to take over. */
  readonly #parts: readonly (string | number)[];
  /** How many segments stand before what is kept to the end; -1 where nothing is. */
  readonly #restAfter: number;

  private constructor(parts: readonly (string | number)[], restAfter: number) {
    this.#parts = parts;
    this.#restAfter = restAfter;
  }

  /** Fills a template from the paths of one pattern; throws where that one lacks a parameter. */
  static of(template: string, pattern: string): PathFill {
    const fault = templateFault(template, pattern);
    if (fault !== undefined) throw new TypeError(fault);
    const { segments, rest } = compilePath(template);
    const given = compilePath(pattern);
    const parts = segments.flatMap((segment) =>
      segment.kind === "any" ? ["/", placeOf(segment.name, given)] : [`/${segment.text}`],
    );
    return new PathFill(parts, rest ? given.segments.length : -1);
  }

  /** Takes this many segments off the front. */
  static without(segments: number): PathFill {
    return new PathFill([], segments);
  }

  /** The new path of a path that the pattern matches. */
  fill(path: string): string {
    let filled = "";
    for (const part of this.#parts) filled += typeof part === "string" ? part : segmentAt(path, part);
    if (this.#restAfter >= 0) filled += path.slice(endOf(path, this.#restAfter));
    return filled === "" ? "/" : filled;
  }
}

function segmentAt(path: string, place: number): string {
  return path.slice(endOf(path, place) + 1, endOf(path, place + 1));
}

/** Where so many segments end. */
function endOf(path: string, segments: number): number {
  let end = 0;
  for (let count = 0; count < segments && end < path.length; count++) {
    const next = path.indexOf("/", end + 1);
    end = next < 0 ? path.length : next;
  }
  return end;
}
