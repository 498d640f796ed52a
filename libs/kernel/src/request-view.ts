import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Readable } from "node:stream";
import { allValues, firstValue, type HeaderList } from "./header-list.ts";
import type { HeldBytes, Reservation } from "./held-bytes.ts";
import { peerOf, type Peer } from "./peer.ts";

/** Either of Node's request objects. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** How a request was spoken; `other` is a version that Node's parser of HTTP/1 lets through and that nobody may serve. */
export type Protocol = "1.0" | "1.1" | "2" | "other";

/** How the client itself is connected, where another tier tells of it: HTTP version, TLS version and server name. */
export interface ClientConnection {
  readonly protocol?: string;
  readonly tls?: string;
  readonly sni?: string;
}

/** The request as stages see it: the same for HTTP/1.1, HTTP/2, an upgrade and a dry run. */
export class RequestView {
  readonly method: string;
  /** The request target as it was sent; nobody routes by it. */
  readonly target: string;
  readonly protocol: Protocol;
  readonly peer: Peer;
  /** Headers as they were sent: for the prelude and the hygiene stage alone. */
  readonly rawHeaders: HeaderList;
  readonly upgrade: string | undefined;
  /** The one normal form of path, query and host, and the headers that may be believed: empty until the hygiene stage has run. */
  path = "";
  /** With its question mark, or empty. */
  query = "";
  host = "";
  /** Undefined where it is the default of the scheme. */
  port: number | undefined;
  headers: HeaderList = [];
  /** Who is taken for the client: the peer, or whom a trusted peer names. */
  clientAddress: string;
  /** The scheme that the client itself used. */
  scheme: "http" | "https";
  /** What the peer tells of the client's own connection, where the peer is the security tier. */
  client: ClientConnection | undefined;
  /** Undefined where the framing says that there is none, whatever the method; and where it was read into `content`. */
  body: Readable | undefined;
  /** The whole body, where somebody had to see it before the request goes on (`holdBody`). */
  content: Buffer | undefined;
  /** What bounds the bodies that are held at a time, where something does. */
  heldBytes: HeldBytes | undefined;
  /** The room that was reserved there for this body. */
  room: Reservation | undefined;

  constructor(parts: RequestParts) {
    this.method = parts.method;
    this.target = parts.target;
    this.protocol = parts.protocol;
    this.peer = parts.peer;
    this.rawHeaders = parts.rawHeaders;
    this.upgrade = parts.upgrade;
    this.body = parts.body;
    this.clientAddress = parts.peer.address;
    this.scheme = parts.peer.tls ? "https" : "http";
  }

  /** Nothing of the body is held any more on behalf of this request. */
  releaseRoom(): void {
    this.room?.release();
    this.room = undefined;
  }

  /** The first value under a lower-case name. */
  header(name: string): string | undefined {
    return firstValue(this.headers, name);
  }

  /** Every value under a lower-case name. */
  values(name: string): string[] {
    return allValues(this.headers, name);
  }
}

/** What a request is made of before anything was decided about it. */
export interface RequestParts {
  readonly method: string;
  readonly target: string;
  readonly protocol: Protocol;
  readonly peer: Peer;
  readonly rawHeaders: HeaderList;
  readonly upgrade?: string | undefined;
  readonly body?: Readable | undefined;
}

/** Reads one of Node's requests. */
export function viewOf(request: NodeRequest): RequestView {
  const protocol = protocolOf(request);
  return new RequestView({
    method: request.method ?? "",
    target: request.url ?? "",
    protocol,
    peer: peerOf(request.socket),
    rawHeaders: request.rawHeaders,
    upgrade: undefined,
    body: hasBody(request, protocol === "2") ? request : undefined,
  });
}

/** Reads the request behind one of Node's `upgrade` events; it has no body. */
export function viewOfUpgrade(request: IncomingMessage): RequestView {
  return new RequestView({
    method: request.method ?? "",
    target: request.url ?? "",
    protocol: protocolOf(request),
    peer: peerOf(request.socket),
    rawHeaders: request.rawHeaders,
    upgrade: (request.headers.upgrade ?? "").toLowerCase(),
  });
}

/** Tells HTTP/2 by the kind of request: the line of an HTTP/1 request may say `HTTP/2.0`, and is framed as HTTP/1 all the same. */
export function protocolOf(request: NodeRequest): Protocol {
  if ("stream" in request) return "2";
  const { httpVersion } = request;
  return httpVersion === "1.1" || httpVersion === "1.0" ? httpVersion : "other";
}

/** Tells by the framing whether a body follows, whatever the method. */
export function hasBody(request: NodeRequest, http2: boolean): boolean {
  if (http2) return "stream" in request && !request.stream.endAfterHeaders;
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 17 && name.toLowerCase() === "transfer-encoding") return true;
    if (name.length === 14 && name.toLowerCase() === "content-length" && rawHeaders[index + 1] !== "0") return true;
  }
  return false;
}
