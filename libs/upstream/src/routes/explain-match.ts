import type { Exchange } from "@tandem/kernel/exchange";
import { considered, type Considered } from "./considered.ts";
import type { RouteTable } from "./route-table.ts";

/** How the route of a request was found. */
export interface MatchEvidence {
  /** Those at its host and path, in the order in which they are looked at; the last one takes it, where it lacks nothing. */
  readonly considered: readonly Considered[];
  /** Left out between the first ones and the last, because there are too many. */
  readonly unlisted: number;
}

const mostListed = 100;

/** Tells which routes were looked at, and what each lacked; of the whole body, of which the stage reads no more than it needs. */
export function explainMatch(table: RouteTable, { request, principal, transport }: Exchange): MatchEvidence {
  const content = transport.kind === "dry" ? transport.content : undefined;
  const whole = content ? Object.assign(Object.create(request), { content, body: undefined }) : request;
  const all = [...considered(table, { request: whole, principal })];
  const listed = all.length <= mostListed ? all : [...all.slice(0, mostListed - 1), ...all.slice(-1)];
  return { considered: listed, unlisted: all.length - listed.length };
}
