import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { TestContext } from "node:test";
import { createSecureContext } from "node:tls";
import { createAuthority, issueCertificate } from "@tandem/platform/tls/development-ca";
import type { Instance } from "../pool/instance.ts";
import type { Protocol } from "../connections/dispatcher.ts";
import { instanceAt } from "./testing.ts";

/** What holds whichever of them a service speaks. */
export const bothProtocols: readonly Protocol[] = ["http1", "h2"];

type Answer = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => unknown;

const authority = createAuthority("test");
const own = issueCertificate(authority, { name: "service", sans: ["service"], usage: "server" });
const context = createSecureContext({ ca: authority.certificate });

/** A service that speaks this protocol alone until the test ends, as an instance. */
export async function instanceSpeaking(t: TestContext, protocol: Protocol, answer: Answer): Promise<Instance> {
  const server =
    protocol === "h2"
      ? createSecureServer(
          { cert: own.certificate, key: own.key, maxSendHeaderBlockLength: 1 << 20 },
          (request, response) => void answer(request, response),
        )
      : createServer((request, response) => void answer(request, response));
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (protocol === "http1") return instanceAt(t, `http://${address}`);
  return instanceAt(t, `https://${address}`, { protocol, tls: { context, name: "service" } });
}
