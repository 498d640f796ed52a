import type { Socket } from "node:net";
import type { Exchange } from "../exchange.ts";
import type { Gateway } from "../gateway.ts";
import type { ListenLimits } from "./config.ts";
import type { Refuser } from "./refuser.ts";

/** What both protocols of a listener share. */
export interface Serving {
  readonly limits: ListenLimits;
  readonly gateway: () => Gateway;
  readonly refuser: Refuser;
  readonly isClosing: () => boolean;
}

/** What a listener remembers of an HTTP/1.1 connection, on the socket itself: there is no cheaper place to look it up. */
export interface Conversation {
  requests: number;
  /** Bytes that had come when the last answer went out; more than these are the beginning of a further head. */
  bytesBefore: number;
  /** The exchange whose request came last; with pipelining earlier ones may still be under way. */
  latest: Exchange | undefined;
  upgraded: boolean;
  /** Whoever made something of an upgrade ends it in its own way when the listener closes. */
  retire: (() => void) | undefined;
  /** Node's own listeners, which move the answers under way on, and end them with the connection. */
  node: { readonly drain: Listener; readonly close: Listener } | undefined;
  /** An answer has said that the connection ends with it. */
  over: boolean;
  /** The parser has given up on this connection, and that was dealt with. */
  failed: boolean;
}

type Listener = ReturnType<Socket["listeners"]>[number] | undefined;

const conversation = Symbol("conversation");
type Conversing = Socket & { [conversation]?: Conversation };

/** The conversation on a connection; it begins when it is first asked for. */
export function conversationOf(socket: Socket): Conversation {
  const conversing: Conversing = socket;
  return (conversing[conversation] ??= {
    requests: 0,
    bytesBefore: 0,
    latest: undefined,
    upgraded: false,
    retire: undefined,
    node: undefined,
    over: false,
    failed: false,
  });
}

/** An answer is under way, or was the last one. */
export function isAnswering({ latest, over }: Conversation): boolean {
  return over || (latest?.transport.kind === "http" && !latest.transport.response.writableFinished);
}

/** How often timeouts are looked after: often enough for the shortest of them. */
export function sweepInterval({ headTimeout, keepAlive }: ListenLimits): number {
  return Math.floor(Math.max(25, Math.min(1000, headTimeout / 4, keepAlive / 4)));
}
