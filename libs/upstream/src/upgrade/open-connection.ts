import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ClientTls } from "../connections/client-tls.ts";
import type { Protocol } from "../connections/dispatcher.ts";

/** Begins to connect to an origin; the socket can be given up at any time, and none of its errors is fatal. */
export function openConnection(
  origin: string,
  tls: ClientTls | undefined,
  { protocol: spoken = "http1" }: { readonly protocol?: Protocol } = {},
): Socket {
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const secured = protocol === "https:";
  const address = { host, port: port === "" ? (secured ? 443 : 80) : Number(port) };
  const socket = secured
    ? connectTls({
        ...address,
        // Never from the Host header: the client must not choose what certificate is asked for.
        servername: tls?.name ?? (isIP(host) === 0 ? host : ""),
        ALPNProtocols: [spoken === "h2" ? "h2" : "http/1.1"],
        ...(tls && { secureContext: tls.context }),
      })
    : connect(address);
  socket.on("error", () => {
    // Whoever waits for the connection, or has it, hears of it as well; this listener only keeps it from being fatal.
  });
  return socket;
}

/** Waits until a connection is ready to be written to, TLS included; fails when it takes longer than `timeout` milliseconds. */
export async function untilOpen(socket: Socket, timeout: number): Promise<void> {
  const late = setTimeout(() => {
    socket.destroy(Object.assign(new Error("the connection was not opened in time"), { code: "ETIMEDOUT" }));
  }, timeout);
  try {
    await once(socket, "encrypted" in socket ? "secureConnect" : "connect");
  } finally {
    clearTimeout(late);
  }
}
