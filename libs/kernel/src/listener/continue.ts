import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/**
 * Lets a client that waits for `100 Continue` wait until somebody reads its body; unless it has its answer by then. On the
 * request itself, not in a class of its own: undici spares the connection of a request that it breaks off only where it
 * knows the class.
 */
export function continueOnRead(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): void {
  const sayContinue = (size?: number): unknown => {
    Reflect.deleteProperty(request, "read");
    if (!response.headersSent) response.writeContinue();
    return request.read(size);
  };
  Object.defineProperty(request, "read", { value: sayContinue, configurable: true });
}
