import { GatewayError } from "@tandem/contracts/errors";
import { allValues } from "../header-list.ts";
import type { RequestView } from "../request-view.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { Head } from "./read-head.ts";

/** Throws on every upgrade that is not a whole WebSocket opening handshake (RFC 6455, 4.2.1). */
export function checkUpgrade(request: RequestView, head: Head, options: ConnectionOptions): void {
  if (head.upgrade === undefined && request.upgrade === undefined) return;
  if (head.upgrade?.toLowerCase() !== "websocket") throw new GatewayError("request.upgrade");
  if (!options.upgrade || request.upgrade === undefined) throw refused("Connection does not name Upgrade");
  if (request.method !== "GET" || request.protocol !== "1.1") throw refused("a WebSocket begins with GET and HTTP/1.1");
  if (head.transferEncoding !== undefined || (head.contentLength ?? "0") !== "0")
    throw refused("a WebSocket does not begin with a body");
  const [key, ...otherKeys] = allValues(head.headers, "sec-websocket-key");
  if (key === undefined || otherKeys.length > 0 || !/^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key))
    throw refused("Sec-WebSocket-Key is missing or malformed");
  if (allValues(head.headers, "sec-websocket-version").join() !== "13")
    throw new GatewayError("request.upgrade", {
      detail: "Sec-WebSocket-Version is not 13",
      headers: { "sec-websocket-version": "13" },
    });
}

const refused = (detail: string): GatewayError => new GatewayError("request.upgrade", { detail });
