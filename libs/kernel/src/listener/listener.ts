import type { Logger } from "@tandem/platform/log/logger";
import { createServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Gateway } from "../gateway.ts";
import { rememberPeer } from "../peer.ts";
import { hostOf, type ListenOptions } from "./config.ts";
import { type ConnectionEvent, Connections, type ListenerStats } from "./connections.ts";
import { followRevocationLists } from "./follow-revocation-lists.ts";
import { createHttp1 } from "./http1.ts";
import { createHttp2 } from "./http2.ts";
import { addressOf, type ListenAddress, listenOn } from "./listen-on.ts";
import { networksOf } from "./networks.ts";
import type { ProxiedClient } from "./proxy-header.ts";
import { takeProxyHeader } from "./proxy-protocol.ts";
import { createRefuser } from "./refuser.ts";
import type { TlsMaterial } from "./tls-material.ts";
import { applyRevocationLists, createTlsServer, showedBadCertificate } from "./tls-server.ts";

/** One port of a tier. */
export interface Listener {
  /** Rejects with a ListenError. */
  listen(): Promise<ListenAddress>;
  /** Takes no further connection or request, lets those under way finish, and after so long breaks off the rest. */
  close(graceMs: number): Promise<void>;
  /** Undefined before `listen` and after `close`. */
  readonly address: ListenAddress | undefined;
  readonly stats: ListenerStats;
}

interface ListenerParts {
  readonly config: ListenOptions;
  /** Needed where the config has a `tls`; `loadTlsMaterial` reads it. */
  readonly tls?: TlsMaterial;
  /** Asked anew for every request, so that a new generation takes over at once. */
  readonly gateway: () => Gateway;
  /** Names the requests that are refused before they become an exchange. */
  readonly requestId: () => string;
  readonly logger: Logger;
  readonly onConnection?: (event: ConnectionEvent) => void;
}

/** Makes the listener of a tier: TCP in front, then PROXY and TLS where configured, then HTTP/1.1 or HTTP/2. */
export function createListener({ config, tls, gateway, requestId, logger, onConnection }: ListenerParts): Listener {
  if (config.tls && !tls) throw new TypeError("the listener is configured for TLS and was given no certificate");
  const { limits } = config;
  let closing: Promise<void> | undefined;
  const isClosing = (): boolean => closing !== undefined;

  const connections = new Connections((event) => {
    if (event.kind === "refused" && logger.isDebug) logger.debug("connection refused", event);
    onConnection?.(event);
  });
  const refuser = createRefuser({ gateway, requestId });
  const serving = { limits, gateway, refuser, isClosing };
  const http1 = createHttp1(serving);
  const http2 = createHttp2(serving);
  const front = createServer({ allowHalfOpen: !tls, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  front.maxConnections = limits.connections;
  front.on("drop", () => connections.counts.dropped++);

  let stopFollowing: (() => void) | undefined;
  const admit = tls ? secured(tls) : inTheClear;
  const balancers = config.proxyProtocol && networksOf(config.proxyProtocol.from);
  front.on("connection", (raw: Socket) => {
    connections.add(raw);
    if (!balancers) return admit(raw);
    const { remoteAddress } = raw;
    // It was reset before we came to it, as by a balancer that only looks whether somebody listens.
    if (remoteAddress === undefined) return raw.destroy();
    const refuse = (reason: string): void => {
      raw.destroy();
      connections.refused(remoteAddress, reason, "proxyRefusals");
    };
    if (!balancers(remoteAddress)) return refuse("not a listed balancer");
    takeProxyHeader(raw, {
      timeout: limits.headTimeout,
      done: (client) => admit(raw, client),
      failed: (error) => refuse(error.message),
    });
  });

  function inTheClear(raw: Socket, client?: ProxiedClient): void {
    if (client) rememberPeer(raw, client.address, client.port);
    connections.speaks(raw, raw, "http/1.1");
    http1.emit("connection", raw);
  }

  function secured(material: TlsMaterial): (raw: Socket, client?: ProxiedClient) => void {
    const server = createTlsServer(material, limits.headTimeout);
    const { revoked } = material.clients ?? {};
    const apply = (lists: readonly string[]): void => applyRevocationLists(server, material, lists);
    if (revoked) stopFollowing = followRevocationLists(revoked, { apply, logger });
    // Node does not say which connection a TLS socket was made of; both know the other end, though.
    const shaking = new Map<string, { readonly raw: Socket; readonly client: ProxiedClient | undefined }>();
    server.on("secureConnection", (socket: TLSSocket) => {
      const { raw, client } = shaking.get(otherEnd(socket)) ?? {};
      if (client) rememberPeer(socket, client.address, client.port);
      if (material.clients && showedBadCertificate(socket)) {
        socket.destroy();
        return connections.refused(socket.remoteAddress ?? "", String(socket.authorizationError), "handshakeFailures");
      }
      const h2 = socket.alpnProtocol === "h2";
      connections.speaks(raw, socket, h2 ? "h2" : "http/1.1");
      (h2 ? http2.server : http1).emit("connection", socket);
    });
    server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      connections.refused(socket.remoteAddress ?? "", error.code ?? error.message, "handshakeFailures");
      // Where a handshake takes too long Node says so, and leaves the connection open.
      socket.destroy();
    });
    return (raw, client) => {
      const key = otherEnd(raw);
      shaking.set(key, { raw, client });
      raw.once("close", () => shaking.delete(key));
      server.emit("connection", raw);
    };
  }

  const close = async (graceMs: number): Promise<void> => {
    stopFollowing?.();
    const gone = new Promise<void>((resolve) => front.close(() => resolve()));
    http2.retire();
    const tick = (): void => {
      http1.closeIdleConnections();
      connections.closeUnused();
      connections.retireUpgraded();
      connections.closeUpgraded();
    };
    tick();
    const ticking = setInterval(tick, 50);
    const breakingOff = setTimeout(() => connections.closeAll(), graceMs);
    await gone;
    clearInterval(ticking);
    clearTimeout(breakingOff);
    http2.stop();
    http1.close();
  };

  return {
    listen: () =>
      listenOn(front, {
        host: hostOf(config),
        port: config.port,
        whenBroken: (error) => logger.error("the listener failed", { error: error.message }),
      }),
    close: (graceMs) => (closing ??= close(graceMs)),
    get address() {
      return addressOf(front);
    },
    get stats() {
      return { open: connections.size, ...connections.counts };
    },
  };
}

const otherEnd = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
