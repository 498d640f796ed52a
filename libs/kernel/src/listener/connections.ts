import type { Socket } from "node:net";
import { peerOf, type Peer } from "../peer.ts";
import { closeSoon } from "./close-soon.ts";
import { conversationOf } from "./serving.ts";

/** What happens to connections, for their own log: requests have another. */
export type ConnectionEvent =
  | { readonly kind: "opened"; readonly peer: Peer }
  | {
      readonly kind: "closed";
      readonly peer: Peer;
      readonly duration: number;
      readonly bytesIn: number;
      readonly bytesOut: number;
    }
  /** It never came to a request: no handshake, no PROXY header, or an address that may not connect. */
  | { readonly kind: "refused"; readonly address: string; readonly reason: string };

/** Counts since the listener began, and what is open now. */
export interface ListenerStats {
  readonly open: number;
  readonly accepted: number;
  /** Beyond the limit of connections. */
  readonly dropped: number;
  readonly handshakeFailures: number;
  /** Without a valid PROXY header from a listed balancer. */
  readonly proxyRefusals: number;
}

interface Connection {
  readonly since: number;
  /** What speaks HTTP on it, once the handshake is done. */
  socket: Socket | undefined;
  protocol: "none" | "http/1.1" | "h2";
}

/** A connection on which nothing was asked yet may be about to ask; after that long while closing it is closed. */
const patience = 500;

/** Knows every open connection of a listener, from the first byte to the last. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #tell: (event: ConnectionEvent) => void;
  readonly counts = { accepted: 0, dropped: 0, handshakeFailures: 0, proxyRefusals: 0 };

  constructor(tell: (event: ConnectionEvent) => void) {
    this.#tell = tell;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Notes a new connection. */
  add(raw: Socket): void {
    const connection: Connection = { since: performance.now(), socket: undefined, protocol: "none" };
    this.counts.accepted++;
    this.#open.set(raw, connection);
    // A reset is followed by `close`, which is what everybody waits for.
    raw.on("error", () => {});
    raw.once("close", () => {
      this.#open.delete(raw);
      const { socket, since } = connection;
      if (!socket) return;
      const duration = performance.now() - since;
      this.#tell({
        kind: "closed",
        peer: peerOf(socket),
        duration,
        bytesIn: raw.bytesRead,
        bytesOut: raw.bytesWritten,
      });
    });
  }

  /** Notes that HTTP is spoken from here on. */
  speaks(raw: Socket | undefined, socket: Socket, protocol: "http/1.1" | "h2"): void {
    const connection = raw && this.#open.get(raw);
    if (connection) {
      connection.socket = socket;
      connection.protocol = protocol;
    }
    this.#tell({ kind: "opened", peer: peerOf(socket) });
  }

  /** Notes why a connection never got that far. */
  refused(address: string, reason: string, count: "handshakeFailures" | "proxyRefusals"): void {
    this.counts[count]++;
    this.#tell({ kind: "refused", address, reason });
  }

  /** Closes connections on which nothing was ever asked, but for those that have only just come. */
  closeUnused(now: number = performance.now()): void {
    for (const [raw, { since, socket, protocol }] of this.#open) {
      if (protocol === "h2" || now - since < patience) continue;
      if (!socket) raw.destroy();
      else if (conversationOf(socket).requests === 0 && !conversationOf(socket).upgraded) socket.destroy();
    }
  }

  /** Tells the owners of upgraded connections to end them; again and again, because further upgrades may still come about. */
  retireUpgraded(): void {
    for (const { socket } of this.#open.values()) if (socket) conversationOf(socket).retire?.();
  }

  /** Ends upgraded connections without an owner once there are only upgraded ones left: no last answer will ever come on them. */
  closeUpgraded(): void {
    const upgraded: Socket[] = [];
    for (const { socket } of this.#open.values()) {
      if (!socket) return;
      const conversation = conversationOf(socket);
      if (!conversation.upgraded) return;
      if (!conversation.retire) upgraded.push(socket);
    }
    for (const socket of upgraded) if (!socket.writableEnded) closeSoon(socket);
  }

  closeAll(): void {
    for (const [raw, { socket }] of this.#open) (socket ?? raw).destroy();
  }
}
