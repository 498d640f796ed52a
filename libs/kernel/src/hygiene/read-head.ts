import { GatewayError } from "@tandem/contracts/errors";
import type { RequestView } from "../request-view.ts";
import type { RuleOf } from "./header-rules.ts";
import { ambiguous } from "./request-framing.ts";

/** A request head, read once: what is passed on, and what the gateway itself goes by. */
export interface Head {
  readonly headers: string[];
  authority: string | undefined;
  host: string | undefined;
  scheme: string | undefined;
  connection: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  expect: string | undefined;
  upgrade: string | undefined;
}

/** Sorts the headers of a request by the rules; throws on what makes it ambiguous. */
export function readHead(request: RequestView, ruleOf: RuleOf): Head {
  const { rawHeaders } = request;
  const headers: string[] = [];
  const head: Head = {
    headers,
    authority: undefined,
    host: undefined,
    scheme: undefined,
    connection: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    expect: undefined,
    upgrade: undefined,
  };
  let seen = 0;
  let cookieAt = -1;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const rawName = rawHeaders[index]!;
    const value = rawHeaders[index + 1]!;
    const rule = ruleOf(rawName);
    if (rule.fate === "drop") continue;
    if (rule.fate === "refuse")
      // To another reader `content_length` may be a length.
      throw ambiguous(request, "a header name holds more than letters, digits and dashes", "request.header");
    if (rule.once !== 0) {
      if (seen & rule.once) throw new GatewayError(rule.twice, { detail: `${rule.name} stands there twice` });
      seen |= rule.once;
    }
    if (rule.ascii && !isAscii(value))
      throw new GatewayError("request.header", { detail: "a header value holds more than ASCII" });
    if (rule.fate === "keep") headers.push(rule.name, value);
    else if (rule.name !== "cookie") note(head, rule.name, value);
    else if (cookieAt < 0) cookieAt = headers.push("cookie", value) - 1;
    // HTTP/2 clients may split it; HTTP/1.1 knows one line alone (RFC 9113, 8.2.3).
    else headers[cookieAt] += `; ${value}`;
  }
  return head;
}

// A native count of UTF-8 bytes, an eighth of the price of a loop. Control characters never get this far: Node's HTTP/1
// parser refuses them, the one of HTTP/2 leaves such a header out.
const isAscii = (value: string): boolean => Buffer.byteLength(value) === value.length;

function note(head: Head, name: string, value: string): void {
  switch (name) {
    case "host":
      head.host = value;
      break;
    case ":authority":
      head.authority = value;
      break;
    case ":scheme":
      head.scheme = value;
      break;
    case "connection":
      head.connection = joined(head.connection, value);
      break;
    case "content-length":
      head.contentLength = joined(head.contentLength, value);
      head.headers.push(name, value);
      break;
    case "transfer-encoding":
      head.transferEncoding = joined(head.transferEncoding, value);
      break;
    case "expect":
      head.expect = value;
      break;
    case "upgrade":
      head.upgrade = value;
      break;
    case "te":
      if (value === "trailers") head.headers.push(name, value);
      break;
  }
}

// Several lines are one list (RFC 9110, 5.3); where only one value will do, the list is not it.
const joined = (earlier: string | undefined, value: string): string =>
  earlier === undefined ? value : `${earlier},${value}`;
