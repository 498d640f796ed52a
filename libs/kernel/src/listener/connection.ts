import type { ConnectionEnd } from "@tandem/contracts/connection-ends";
import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { type Peer, rememberPeer, type ShownCertificate } from "../peer.ts";
import type { FailedHandshake } from "./handshake-failure.ts";
import type { ProxiedClient } from "./proxy-header.ts";

/** Tells the connections of one process from those of the one before. */
const processName = randomInt(36 ** 4)
  .toString(36)
  .padStart(4, "0");
let taken = 0;

/** What a listener knows of a connection while it is open; one each, hence small. */
export class Connection {
  readonly id = `${processName}-${(++taken).toString(36)}`;
  readonly since: number = performance.now();
  readonly raw: Socket;
  /** What speaks HTTP on it, once the handshake is done, and who is at the other end. */
  socket: Socket | undefined;
  peer: Peer | undefined;
  protocol: "none" | "http/1.1" | "h2" = "none";
  /** Of HTTP/2; HTTP/1.1 counts on its conversation. */
  requests = 0;
  /** Bytes of its PROXY header, and whom that named: itself, as for a health check, or a client. */
  headerBytes = 0;
  client: ProxiedClient | "itself" | undefined;
  /** A handshake is under way. */
  shaking = false;
  end: ConnectionEnd | undefined;
  /** The error's code or the reason in words; from us, OpenSSL or the system, never from the client. */
  detail: string | undefined;
  refusal: RefusedHandshake | undefined;

  constructor(raw: Socket) {
    this.raw = raw;
    remember(raw, this);
  }

  /** HTTP is spoken from here on. */
  speaks(socket: Socket, protocol: "http/1.1" | "h2"): void {
    this.socket = socket;
    this.protocol = protocol;
    this.peer = rememberPeer(socket, this.id, this.client === "itself" ? undefined : this.client);
    if (socket !== this.raw) remember(socket, this);
  }

  /** Notes why it is about to end; whoever knew first is believed. */
  endsBy(end: ConnectionEnd, detail?: string): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.detail = detail;
  }
}

/** A handshake that came to nothing, as far as it came. */
export interface RefusedHandshake extends FailedHandshake {
  readonly version?: string;
  readonly sni?: string;
  readonly certificate?: ShownCertificate;
}

const known = Symbol("connection");
type Remembering = Socket & { [known]?: Connection };

function remember(socket: Socket, connection: Connection): void {
  const remembering: Remembering = socket;
  remembering[known] = connection;
}

/** The connection that a socket belongs to: the bare one, that of TLS, or what HTTP/2 hands out; none where no listener took it. */
export function connectionOf(socket: Socket): Connection | undefined {
  const remembering: Remembering = socket;
  return remembering[known];
}
