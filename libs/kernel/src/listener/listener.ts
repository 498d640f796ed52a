import type { Logger } from "@tandem/platform/log/logger";
import { createServer, type Socket } from "node:net";
import { setImmediate as soon } from "node:timers/promises";
import type { Gateway } from "../gateway.ts";
import { hostOf, type ListenOptions } from "./config.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionEvent } from "./connection-event.ts";
import { Connections, type ListenerStats } from "./connections.ts";
import { createHttp1 } from "./http1.ts";
import { createHttp2 } from "./http2.ts";
import { addressOf, type ListenAddress, listenOn } from "./listen-on.ts";
import { networksOf } from "./networks.ts";
import { takeProxyHeader, unsaid } from "./proxy-protocol.ts";
import { createRefuser } from "./refuser.ts";
import { createSecured } from "./secured.ts";
import type { TlsMaterial } from "./tls-material.ts";

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
  /** Told of each connection once, when it has ended. */
  readonly onConnection?: (event: ConnectionEvent) => void;
}

/** Makes the listener of a tier: TCP in front, then PROXY and TLS where configured, then HTTP/1.1 or HTTP/2. */
export function createListener({ config, tls, gateway, requestId, logger, onConnection }: ListenerParts): Listener {
  if (config.tls && !tls) throw new TypeError("the listener is configured for TLS and was given no certificate");
  const { limits } = config;
  let closing: Promise<void> | undefined;
  const isClosing = (): boolean => closing !== undefined;

  const connections = new Connections((event) => onConnection?.(event));
  const refuser = createRefuser({ gateway, requestId });
  const serving = { limits, gateway, refuser, isClosing };
  const http1 = createHttp1(serving);
  const http2 = createHttp2(serving);
  const front = createServer({ allowHalfOpen: !tls, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  front.maxConnections = limits.connections;
  front.on("drop", () => connections.drop());

  const secured =
    tls &&
    createSecured(tls, {
      handshakeTimeout: limits.headTimeout,
      logger,
      admit(connection, socket) {
        const isHttp2 = socket.alpnProtocol === "h2";
        connection.speaks(socket, isHttp2 ? "h2" : "http/1.1");
        (isHttp2 ? http2.server : http1).emit("connection", socket);
      },
    });
  const admit = (connection: Connection): void => {
    if (secured) return secured.shake(connection);
    const { raw } = connection;
    connection.speaks(raw, "http/1.1");
    http1.emit("connection", raw);
  };
  const balancers = config.proxyProtocol && networksOf(config.proxyProtocol.from);
  front.on("connection", (raw: Socket) => {
    const { remoteAddress } = raw;
    const connection = connections.add(raw);
    if (!balancers) return admit(connection);
    // It was reset before we came to it, as by a balancer that only looks whether somebody listens.
    if (remoteAddress === undefined) return raw.destroy();
    const refuse = (reason: string): void => {
      // A balancer that only looks whether somebody listens has nothing to say.
      if (reason !== unsaid || raw.bytesRead > 0) connection.endsBy("proxy-refused", reason);
      raw.destroy();
    };
    if (!balancers(remoteAddress)) return refuse("not a listed balancer");
    takeProxyHeader(raw, {
      timeout: limits.headTimeout,
      done: (client) => {
        connection.client = client ?? "itself";
        connection.headerBytes = raw.bytesRead - raw.readableLength;
        admit(connection);
      },
      failed: (error) => refuse(error.message),
    });
  });

  const close = async (graceMs: number): Promise<void> => {
    secured?.stop();
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
    // Their sockets have closed; that is heard, and told, a moment later.
    while (connections.stats.open > 0) await soon();
    connections.tellDropped();
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
      return connections.stats;
    },
  };
}
