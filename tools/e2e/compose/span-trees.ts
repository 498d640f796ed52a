import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { ask, bearer, tokenOf } from "../http.ts";
import { until } from "../until.ts";
import { outline, retriedTraces, spansOf, spanTree, type Span } from "./jaeger.ts";
import { containersOf, docker, publicUrl } from "./stack.ts";
import { traceOf } from "./trace-of.ts";

/** What a real Jaeger shows of a success, a denial, a timeout, a retry and a WebSocket, span by span. */
export function spanTrees(): void {
  test("a request that goes well is one tree over both tiers and the service", async () => {
    const { headers } = await ask(`${publicUrl}/orders`, { headers: bearer(await app()) });
    const tree = await spanTree(traceOf(headers), { services: 3 });
    assert.equal(
      outline(tree),
      `security-gateway: GET server 200
  security-gateway: authenticate internal
  security-gateway: GET routing-gateway client 200
    routing-gateway: GET orders-read server 200
      routing-gateway: acceptAssertion internal
      routing-gateway: authorize internal
      routing-gateway: GET orders client 200
        demo-orders: GET /orders server 200`,
    );
    const [routing] = spansOf(tree, "routing-gateway", "GET orders-read");
    assertTags(routing, {
      "tandem.request_id": headers["x-request-id"],
      "tandem.principal": "demo-app",
      "tandem.route": "orders-read",
      "tandem.decision": "allow",
      "tandem.rule": "scopes",
      "url.path": "/orders",
    });
  });

  test("a denial ends where it was decided, and says by which rule", async () => {
    const { status, headers } = await ask(`${publicUrl}/orders`, {
      method: "POST",
      headers: bearer(await tokenOf(publicUrl, "demo-viewer", "viewer-secret")),
    });
    assert.equal(status, 403);
    const tree = await spanTree(traceOf(headers), { services: 2 });
    assert.equal(
      outline(tree),
      `security-gateway: POST server 403
  security-gateway: authenticate internal
  security-gateway: POST routing-gateway client 403 ERROR
    routing-gateway: POST orders-write server 403
      routing-gateway: acceptAssertion internal
      routing-gateway: authorize internal`,
    );
    const [routing] = spansOf(tree, "routing-gateway", "POST orders-write");
    assertTags(routing, { "tandem.decision": "deny", "tandem.rule": "scopes", "tandem.problem": "access.denied" });
    const [authorize] = spansOf(tree, "routing-gateway", "authorize");
    assertTags(authorize, { "tandem.problem": "access.denied" });
  });

  test("a service that is too slow is an error of every span above it, and the one that waited says which time ran out", async () => {
    const { status, headers } = await ask(`${publicUrl}/echo/slow?ms=30000`);
    assert.equal(status, 504);
    const tree = await spanTree(traceOf(headers), { services: 3 });
    assert.equal(
      outline(tree),
      `security-gateway: GET server 504 ERROR
  security-gateway: authenticate internal
  security-gateway: GET routing-gateway client 504 ERROR
    routing-gateway: GET echo server 504 ERROR
      routing-gateway: acceptAssertion internal
      routing-gateway: authorize internal
      routing-gateway: GET echo client ERROR
        demo-echo: GET /echo/slow server ERROR`,
    );
    const [attempt] = spansOf(tree, "routing-gateway", "GET echo").filter(
      (span) => span.tags["span.kind"] === "client",
    );
    assertTags(attempt, { "tandem.outcome": "timeout", "tandem.expired": "first-byte", "error.type": "timeout" });
    const [routing] = spansOf(tree, "routing-gateway", "GET echo");
    assertTags(routing, { "error.type": "upstream.timeout", "tandem.problem": "upstream.timeout" });
  });

  test("a request that was sent again shows both tries, at two instances, and the caller has seen nothing of it", async (t) => {
    const headers = bearer(await app());
    const before = new Set(await retriedTraces());
    const [victim = ""] = await containersOf("orders");
    await docker("kill", victim);
    t.after(() => docker("start", victim));
    const statuses = new Set<number>();
    let found: string | undefined;
    await until(
      "a request was sent again",
      async () => {
        for (const { status } of await Promise.all([1, 2, 3, 4].map(() => ask(`${publicUrl}/orders`, { headers }))))
          statuses.add(status);
        found = (await retriedTraces()).find((id) => !before.has(id));
        return found !== undefined;
      },
      { within: 60_000, every: 100 },
    );
    assert.deepEqual([...statuses], [200]);
    const tree = await spanTree(found!, { services: 3 });
    assert.equal(
      outline(tree),
      `security-gateway: GET server 200
  security-gateway: authenticate internal
  security-gateway: GET routing-gateway client 200
    routing-gateway: GET orders-read server 200
      routing-gateway: acceptAssertion internal
      routing-gateway: authorize internal
      routing-gateway: GET orders client ERROR
      routing-gateway: GET orders client 200
        demo-orders: GET /orders server 200`,
    );
    const [first, second] = spansOf(tree, "routing-gateway", "GET orders");
    assert.notEqual(first?.tags["tandem.instance"], second?.tags["tandem.instance"]);
    assertTags(second, { "http.request.resend_count": 1, "tandem.attempt": "retry", "tandem.outcome": "answered" });
  });

  test("a WebSocket is one tree when it has ended", async () => {
    const socket = new WebSocket(`${publicUrl.replace("https", "wss")}/orders/live`, {
      headers: bearer(await app()),
      rejectUnauthorized: false,
    });
    const [[answer]] = await Promise.all([once(socket, "upgrade"), once(socket, "message")]);
    socket.close();
    const tree = await spanTree(traceOf(answer.headers), { services: 3 });
    assert.equal(
      outline(tree),
      `security-gateway: GET server 101
  security-gateway: authenticate internal
  security-gateway: GET routing-gateway client 101
    routing-gateway: GET orders-read server 101
      routing-gateway: acceptAssertion internal
      routing-gateway: authorize internal
      routing-gateway: GET orders client 101
        demo-orders: GET /orders/live server 101`,
    );
    assertTags(tree, { "tandem.upgrade": "websocket", "url.path": "/orders/live" });
  });
}

const app = (): Promise<string> => tokenOf(publicUrl, "demo-app", "demo-secret");

function assertTags(span: Span | undefined, expected: Readonly<Record<string, unknown>>): void {
  assert.ok(span);
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, span.tags[name]]));
  assert.deepEqual(found, expected);
}
