import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebSocket } from "ws";

/** One request to a demo service, past the route table. */
export interface Call {
  readonly instance: string;
  /** As it arrived, not normalised. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  /** What stands for `:id` in the pattern of the route, or empty. */
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export type Handler = (call: Call) => void | Promise<void>;

/** Paths to methods to handlers. A segment `:id` takes any one segment, a last segment `**` any number of them. */
export type RouteTable = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

/** One WebSocket to a demo service, open by now. */
export interface SocketCall {
  readonly instance: string;
  /** The handshake, as it arrived. */
  readonly request: IncomingMessage;
  readonly client: WebSocket;
}

export type SocketHandler = (call: SocketCall) => void;

/** Paths, to the letter, to what takes their WebSockets. */
export type SocketTable = Readonly<Record<string, SocketHandler>>;

/** What a demo service answers, route by route, and the WebSockets that it takes. */
export interface Service {
  readonly name: ServiceName;
  readonly routes: RouteTable;
  readonly sockets?: SocketTable;
}

export const serviceNames = ["catalog", "orders", "echo"] as const;
export type ServiceName = (typeof serviceNames)[number];

export const isServiceName = (text: string): text is ServiceName => serviceNames.some((name) => name === text);
