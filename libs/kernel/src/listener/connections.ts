import type { Socket } from "node:net";
import type { ConnectionEnd, HandshakeFailure } from "@tandem/contracts/connection-ends";
import { closeSoon } from "./close-soon.ts";
import { Connection } from "./connection.ts";
import { closedConnection, type ConnectionEvent } from "./connection-event.ts";
import { conversationOf, isAnswering } from "./serving.ts";

/** Counts since the listener began, and what is open now. */
export interface ListenerStats {
  readonly open: number;
  readonly accepted: number;
  /** Beyond the limit of connections. */
  readonly dropped: number;
  /** Why those that were taken have ended. */
  readonly ended: ReadonlyMap<ConnectionEnd, number>;
  /** Why there was no TLS; of connections that sent something. */
  readonly handshakes: ReadonlyMap<HandshakeFailure, number>;
}

/** A connection on which nothing was asked yet may be about to ask; after that long while closing it is closed. */
const patience = 500;

/** How long connections beyond the limit are gathered before they are told. */
const gathering = 1000;

/** Knows every open connection of a listener, from the first byte to the last, and tells each when it has ended. */
export class Connections {
  readonly #open = new Set<Connection>();
  readonly #tell: (event: ConnectionEvent) => void;
  readonly #ended = new Map<ConnectionEnd, number>();
  readonly #handshakes = new Map<HandshakeFailure, number>();
  #accepted = 0;
  #dropped = 0;
  #droppedUntold = 0;
  #telling: NodeJS.Timeout | undefined;

  constructor(tell: (event: ConnectionEvent) => void) {
    this.#tell = tell;
  }

  get stats(): ListenerStats {
    return {
      open: this.#open.size,
      accepted: this.#accepted,
      dropped: this.#dropped,
      ended: this.#ended,
      handshakes: this.#handshakes,
    };
  }

  /** Notes a new connection. */
  add(raw: Socket): Connection {
    const connection = new Connection(raw);
    this.#accepted++;
    this.#open.add(connection);
    // A reset is followed by `close`, which is what everybody waits for.
    raw.on("error", () => {});
    raw.once("close", () => {
      // A handshake says why it failed just after its connection has closed.
      if (connection.shaking) setImmediate(() => this.#end(connection));
      else this.#end(connection);
    });
    return connection;
  }

  /** Notes one beyond the limit. */
  drop(): void {
    this.#dropped++;
    this.#droppedUntold++;
    this.#telling ??= setTimeout(() => this.tellDropped(), gathering).unref();
  }

  /** Tells those beyond the limit, if there were any. */
  tellDropped(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const count = this.#droppedUntold;
    this.#droppedUntold = 0;
    if (count > 0) this.#tell({ kind: "dropped", endedAt: Date.now(), count });
  }

  #end(connection: Connection): void {
    this.#open.delete(connection);
    const event = closedConnection(connection);
    countIn(this.#ended, event.end);
    const failure = event.end === "unused" ? undefined : event.tls?.failure;
    if (failure) countIn(this.#handshakes, failure);
    this.#tell(event);
  }

  /** Closes connections on which nothing was ever asked, but for those that have only just come; notes why Node closes the idle ones. */
  closeUnused(now: number = performance.now()): void {
    for (const connection of this.#open) {
      const { raw, since, socket, protocol } = connection;
      if (protocol === "h2") continue;
      const conversation = socket && conversationOf(socket);
      const isUnused = !conversation || (conversation.requests === 0 && !conversation.upgraded);
      if (isUnused && now - since < patience) continue;
      if (isUnused || (!conversation.upgraded && !isAnswering(conversation))) connection.endsBy("drain");
      if (isUnused) (socket ?? raw).destroy();
    }
  }

  /** Tells the owners of upgraded connections to end them; again and again, because further upgrades may still come about. */
  retireUpgraded(): void {
    for (const { socket } of this.#open) if (socket) conversationOf(socket).retire?.();
  }

  /** Ends upgraded connections without an owner once there are only upgraded ones left: no last answer will ever come on them. */
  closeUpgraded(): void {
    const upgraded: Connection[] = [];
    for (const connection of this.#open) {
      const { socket } = connection;
      if (!socket) return;
      const conversation = conversationOf(socket);
      if (!conversation.upgraded) return;
      if (!conversation.retire) upgraded.push(connection);
    }
    for (const connection of upgraded) {
      const { socket } = connection;
      if (!socket || socket.writableEnded) continue;
      connection.endsBy("drain");
      closeSoon(socket);
    }
  }

  closeAll(): void {
    for (const connection of this.#open) {
      connection.endsBy("drain-forced");
      (connection.socket ?? connection.raw).destroy();
    }
  }
}

function countIn<Word>(counts: Map<Word, number>, word: Word): void {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
