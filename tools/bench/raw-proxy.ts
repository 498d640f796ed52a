// The yardstick: the least that a Node proxy can be. `node raw-proxy.ts PORT ORIGIN [CERTIFICATE KEY]`.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Pool } from "undici";

const [port, origin, certificate, key] = process.argv.slice(2);
if (!port || !origin) throw new Error("usage: raw-proxy.ts PORT ORIGIN [CERTIFICATE KEY]");
const pool = new Pool(origin, { connections: 256, pipelining: 1 });

const handle = (request: IncomingMessage, response: ServerResponse) => {
  pool.dispatch(
    { path: request.url ?? "/", method: request.method ?? "GET", headers: request.rawHeaders },
    {
      onRequestStart() {},
      onResponseStart(_controller, status, headers) {
        delete headers["connection"];
        delete headers["keep-alive"];
        delete headers["transfer-encoding"];
        response.writeHead(status, headers);
      },
      onResponseData(_controller, chunk) {
        response.write(chunk);
      },
      onResponseEnd() {
        response.end();
      },
      onResponseError() {
        response.destroy();
      },
    },
  );
};

const server =
  certificate && key
    ? createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, handle)
    : createServer(handle);
server.keepAliveTimeout = 75_000;
server.listen(Number(port), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));
