import { GatewayError } from "@tandem/contracts/errors";
import type { RequestView } from "../request-view.ts";
import type { Head } from "./read-head.ts";

/** Throws on a version that Node's parser lets through and we do not speak; to whoever speaks it, the request may end elsewhere. */
export function checkVersion({ protocol, peer, upgrade }: RequestView): void {
  if (protocol !== "other") return;
  peer.distrusted = true;
  const headers = upgrade === undefined ? { connection: "close" } : {};
  throw new GatewayError("request.malformed", { detail: "only HTTP/1.0, 1.1 and 2 are spoken here", headers });
}

/** Throws where another parser than ours could find another end of the body, and believes nothing more on that connection. */
export function checkFraming(request: RequestView, head: Head): void {
  // Node hands over what was pipelined behind a refused request before the connection is closed.
  if (request.peer.distrusted) throw ambiguous(request, "an earlier request on this connection was ambiguous");
  const { contentLength, transferEncoding } = head;
  if (transferEncoding !== undefined) {
    // The parser before us takes `,chunked` and `Chunked` too.
    if (transferEncoding !== "chunked") throw ambiguous(request, "Transfer-Encoding is not exactly chunked");
    if (request.protocol !== "1.1") throw ambiguous(request, `HTTP/${request.protocol} has no Transfer-Encoding`);
    if (contentLength !== undefined) throw ambiguous(request, "there are both Transfer-Encoding and Content-Length");
  }
  if (contentLength !== undefined && !isLength(contentLength))
    throw ambiguous(request, "Content-Length is not a plain number");
}

/** Digits without a leading zero, as a number that is still exact. */
export function isLength(value: string): boolean {
  if (value.length === 0 || value.length > 15 || (value.length > 1 && value.charCodeAt(0) === 0x30)) return false;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** Refuses a request that may end elsewhere for another reader; nothing that follows it on its connection is believed. */
export function ambiguous(
  request: RequestView,
  detail: string,
  code: "request.framing" | "request.header" = "request.framing",
): GatewayError {
  if (request.protocol === "2" || request.upgrade !== undefined) return new GatewayError(code, { detail });
  request.peer.distrusted = true;
  return new GatewayError(code, { detail, headers: { connection: "close" } });
}
