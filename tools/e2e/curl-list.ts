import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ask, askRaw, bearer, tokenOf } from "./http.ts";

/** What every way of running Tandem owes: the list of requests that the README gives a newcomer. */
export function curlList(publicUrl: string): void {
  test("an open route answers anyone", async () => {
    const answer = await ask(`${publicUrl}/catalog/items`);
    assert.equal(answer.status, 200);
    assert.ok(answer.headers["x-request-id"]);
  });

  test("a route that wants scopes refuses a caller without a token, and says how to come back", async () => {
    const answer = await ask(`${publicUrl}/orders`);
    assert.equal(answer.status, 401);
    assert.match(String(answer.headers["content-type"]), /application\/problem\+json/);
    assert.equal(answer.json.type, "urn:tandem:problem:identity.required");
    assert.equal(answer.json.requestId, answer.headers["x-request-id"]);
    assert.match(String(answer.headers["www-authenticate"]), /^Bearer/);
  });

  test("a token opens what its scopes allow", async () => {
    const token = await tokenOf(publicUrl, "demo-app", "demo-secret");
    assert.equal((await ask(`${publicUrl}/orders`, { headers: bearer(token) })).status, 200);
    const created = await ask(`${publicUrl}/orders`, {
      method: "POST",
      headers: { ...bearer(token), "content-type": "application/json" },
      body: JSON.stringify({ item: "book", quantity: 1 }),
    });
    assert.equal(created.status, 201);
  });

  test("a token without the scope is refused, and the body says which rule was missed", async () => {
    const token = await tokenOf(publicUrl, "demo-viewer", "viewer-secret");
    assert.equal((await ask(`${publicUrl}/orders`, { headers: bearer(token) })).status, 200);
    const answer = await ask(`${publicUrl}/orders`, {
      method: "POST",
      headers: { ...bearer(token), "content-type": "application/json" },
      body: JSON.stringify({ item: "book", quantity: 1 }),
    });
    assert.equal(answer.status, 403);
    assert.equal(answer.json.type, "urn:tandem:problem:access.denied");
    assert.match(answer.text, /orders:write/);
  });

  test("what a client forges never reaches a service", async () => {
    const answer = await ask(`${publicUrl}/echo/anything`, {
      headers: {
        "x-forwarded-for": "6.6.6.6",
        x_forwarded_for: "6.6.6.6",
        "x-user": "root",
        "tandem-assertion": "forged",
        "tandem-client": 'addr="6.6.6.6"',
      },
    });
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text, /6\.6\.6\.6|forged|root/);
  });

  test("a Connection header may not take away what we set", async () => {
    const head = "GET /echo/anything HTTP/1.1\r\nHost: localhost\r\nConnection: close, x-forwarded-for\r\n\r\n";
    const answer = await askRaw(publicUrl, head);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /urn:tandem:problem:request\.header/);
  });

  test("the caller's credentials and our assertion stay out of the service", async () => {
    const token = await tokenOf(publicUrl, "demo-app", "demo-secret");
    const answer = await ask(`${publicUrl}/echo/anything`, { headers: bearer(token) });
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text.toLowerCase(), /authorization|tandem-/);
    assert.match(answer.text, /traceparent/);
  });

  test("the service is told of the caller what its route says", async () => {
    const token = await tokenOf(publicUrl, "demo-viewer", "viewer-secret");
    const { json } = await ask(`${publicUrl}/echo/anything`, { headers: { ...bearer(token), "x-scopes": "all" } });
    assert.deepEqual([json.headers["x-user"], json.headers["x-scopes"]], ["demo-viewer", "orders:read"]);
  });

  test("a bad token is refused for its own reason", async () => {
    const answer = await ask(`${publicUrl}/orders`, { headers: bearer("not-a-token") });
    assert.equal(answer.status, 401);
    assert.equal(answer.json.type, "urn:tandem:problem:token.malformed");
  });

  test("an unknown path is 404, an unknown method 405 with what is allowed", async () => {
    assert.equal((await ask(`${publicUrl}/nowhere`)).json.type, "urn:tandem:problem:route.unknown");
    const answer = await ask(`${publicUrl}/catalog/items`, { method: "DELETE" });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers["allow"], "GET, HEAD");
  });

  test("a WebSocket crosses both tiers with a token, and is refused with a problem without one", async () => {
    const url = `${publicUrl.replace("https", "wss")}/orders/live`;
    assert.equal(await openWebSocket(url, {}), "401 urn:tandem:problem:identity.required");
    const token = await tokenOf(publicUrl, "demo-viewer", "viewer-secret");
    assert.equal(await openWebSocket(url, bearer(token)), "open");
  });
}

/** `open` when the service said its first word, or the status and problem of the refusal. */
function openWebSocket(url: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers, rejectUnauthorized: false });
    socket.once("message", () => {
      resolve("open");
      socket.close();
    });
    socket.once("unexpected-response", (_request, response) => {
      let text = "";
      response.on("data", (chunk) => void (text += String(chunk)));
      response.on("end", () => resolve(`${response.statusCode} ${JSON.parse(text).type}`));
    });
    socket.once("error", reject);
  });
}
