import { GatewayError } from "@tandem/contracts/errors";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { createGateway } from "../gateway.ts";
import { createRefuser } from "./refuser.ts";

const refuser = createRefuser({ gateway: () => createGateway([]), requestId: () => "refused-1" });
const error = new GatewayError("request.method", { detail: "CONNECT", headers: { allow: "GET, HEAD" } });

test("a refusal brings the headers of its error, on the bare connection too", async (t) => {
  const server = createServer((request, response) => refuser.onResponse(request, response, error));
  server.on("connect", (request) => refuser.onSocket(request.socket, error, request));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  for (const line of ["GET / HTTP/1.1", "CONNECT a:1 HTTP/1.1"]) {
    const socket = connect(address.port, "127.0.0.1");
    socket.write(`${line}\r\nHost: a\r\n\r\n`);
    let text = "";
    for await (const piece of socket) text += String(piece);
    assert.match(text, /^HTTP\/1\.1 501 /, line);
    assert.match(text, /\r\ncontent-type: application\/problem\+json\r\n/i, line);
    assert.match(text, /\r\nallow: GET, HEAD\r\n/i, line);
    assert.match(text, /\r\nx-request-id: refused-1\r\n/i, line);
  }
});
