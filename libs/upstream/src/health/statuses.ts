import { expectations } from "@tandem/platform/config/expectations";
import { z } from "zod";

/** Statuses from one to another, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

const aStatus = 'a status such as 503, or a range such as "500-599"';

const range = z
  .union([z.int().min(100).max(599), z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/)])
  .register(expectations, { expected: aStatus })
  .transform((written, context): StatusRange => {
    if (typeof written === "number") return { from: written, to: written };
    const [from = 0, to = 0] = written.split("-").map(Number);
    if (from > to) context.addIssue({ code: "custom", message: "the range is empty", params: { expected: aStatus } });
    return { from, to };
  });

/** A list of statuses and ranges of them. */
export const statusesField = () => z.array(range).min(1).max(20);

/** Tells whether a status is one of those; laid out once, so that asking costs one look. */
export function statusesIn(ranges: readonly StatusRange[]): (status: number) => boolean {
  const listed = new Uint8Array(600);
  for (const { from, to } of ranges) listed.fill(1, from, to + 1);
  return (status) => listed[status] === 1;
}
