import type { Principal } from "@tandem/contracts/principal";
import type { HeaderList } from "@tandem/kernel/header-list";
import type { RequestView } from "@tandem/kernel/request-view";
import { isPlainJson, readJson } from "./json-body.ts";

/** What is asked of the table, all of it in normal form: any exchange is such a question. */
export interface Asked {
  readonly request: Pick<RequestView, "host" | "path" | "method" | "query" | "headers" | "header" | "body" | "content">;
  readonly principal: Principal;
}

/** What is known of a body: it stands there unread, it is this JSON, or it is nothing that a condition could hold for. */
export type KnownBody = "unread" | { readonly value: unknown } | undefined;

/** One look-up: what the conditions read of a request, taken apart once, and only where one of them reads it. */
export class Question {
  /** Without its final slash, which is not compared. */
  readonly path: string;
  readonly method: string;
  readonly headers: HeaderList;
  readonly principal: Principal;
  readonly #request: Asked["request"];
  readonly #looked: number;
  #parameters: Map<string, string[]> | undefined;
  #json: { readonly value: unknown } | undefined;
  #isParsed = false;

  /** `looked`: the bytes up to which the body was looked for, and found to be longer if it is still there. */
  constructor({ request, principal }: Asked, path: string, looked: number) {
    this.path = path;
    this.method = request.method;
    this.headers = request.headers;
    this.principal = principal;
    this.#request = request;
    this.#looked = looked;
  }

  /** Every value by name, as forms are read (WHATWG URL, 5.1), which is how services do: a plus is a space, and what is no UTF-8 is U+FFFD. */
  get parameters(): ReadonlyMap<string, readonly string[]> {
    return (this.#parameters ??= valuesByName(this.#request.query));
  }

  /** The body, if it has at most so many bytes. */
  bodyWithin(limit: number): KnownBody {
    const request = this.#request;
    if (this.#looked === bodyAside) return "unread";
    if (!isPlainJson(request.header("content-type"), request.header("content-encoding"))) return undefined;
    const { content, body } = request;
    if (!content) return body && limit > this.#looked ? "unread" : undefined;
    if (content.length > limit) return undefined;
    if (!this.#isParsed) {
      this.#json = readJson(content);
      this.#isParsed = true;
    }
    return this.#json;
  }
}

/** In place of `looked`: whatever the body is, it could be the right one. */
export const bodyAside = -1;

function valuesByName(query: string): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return parameters;
}
