import { anonymous } from "@tandem/contracts/principal";
import type { Exchange } from "@tandem/kernel/exchange";
import { exchangeOf } from "@tandem/kernel/testing";

/** What a test asks a route table for. */
export interface TestRequest {
  readonly method?: string;
  readonly host?: string;
  /** With its query. */
  readonly path?: string;
  /** Name, value, name, value. */
  readonly headers?: readonly string[];
  readonly client?: string | undefined;
  readonly audiences?: readonly string[] | undefined;
  /** Held already. */
  readonly content?: string;
}

/** A request past hygiene and authentication, without a socket. */
export function asking({ method = "GET", headers = [], client, audiences, content, ...at }: TestRequest): Exchange {
  const { exchange } = exchangeOf({ ...at, method, rawHeaders: [...headers] });
  exchange.principal = { ...anonymous, ...(client !== undefined && { client }), ...(audiences && { audiences }) };
  if (content !== undefined) exchange.request.content = Buffer.from(content);
  return exchange;
}
