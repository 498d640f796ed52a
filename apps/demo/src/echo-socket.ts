import { headersOf } from "./headers-of.ts";
import type { SocketCall } from "./service.ts";

/** Sends what the handshake looked like from here, then each message back as it came. */
export function echoSocket({ instance, request, client }: SocketCall): void {
  client.send(JSON.stringify({ instance, url: request.url, headers: headersOf(request.rawHeaders) }));
  client.on("message", (data, binary) => {
    // Whoever does not read its echo is not read either.
    client.pause();
    client.send(data, { binary }, () => client.resume());
  });
}
