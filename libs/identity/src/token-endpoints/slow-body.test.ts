import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { ask, listening, serverMaterial, session } from "@tandem/kernel/listener/testing";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import { tokenEndpoints } from "./stage.ts";
import { openTestIssuer } from "./testing.ts";

const head = {
  ":method": "POST",
  ":path": "/oauth/token",
  ":authority": "localhost",
  "content-type": "application/x-www-form-urlencoded",
};
const basic = `Basic ${Buffer.from("app:app-secret").toString("base64")}`;

const slow = [
  { name: "that would be refused", headers: head, body: "x" },
  {
    name: "that would be granted",
    headers: { ...head, authorization: basic },
    body: "grant_type=client_credentials&x=",
  },
];
for (const { name, headers, body } of slow)
  test(`a token request ${name} and dribbles over HTTP/2 is answered 408, once, and the process lives`, async (t) => {
    const { issuer } = await openTestIssuer(t);
    const stages = [hygiene({ from: "strangers" }), tokenEndpoints({ issuer, store: new MemoryStore() })];
    const listen = { limits: { headTimeout: "400ms", requestTimeout: "400ms" } };
    const { port, recorded } = await listening(t, { stages, tls: serverMaterial, listen });
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    t.after(() => process.off("unhandledRejection", note));
    const client = session(t, port);

    const stream = client.request(headers, { endStream: false });
    let status: number | undefined;
    stream.on("response", (fields) => (status = fields[":status"])).on("error", () => {});
    stream.write(body);
    const dribble = setInterval(() => stream.writable && stream.write("a"), 50);
    stream.resume();
    // Not "close": Node's client never tells of it when the stream is reset under one of its writes.
    await once(stream, "end");
    clearInterval(dribble);
    stream.destroy();
    await delay(50);

    assert.equal(status, 408);
    assert.deepEqual(unhandled, []);
    const [record] = await recorded(1);
    assert.deepEqual(
      [record?.status, record?.error, record?.decision, record?.principal?.method],
      [408, "request.timeout", undefined, "none"],
    );
    const next = await ask(client, { ...head, authorization: basic }, "grant_type=client_credentials");
    assert.deepEqual([next.status, next.json.token_type], [200, "Bearer"]);
  });
