import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError } from "@tandem/contracts/errors";
import express, { type NextFunction, type Request, type RequestHandler, type Response } from "express";
import { ask, dial, listening, serverMaterial, session } from "../listener/testing.ts";
import type { RequestRecord } from "../record.ts";
import type { Stage } from "../stage.ts";
import { answer, exchangeOf } from "../testing.ts";
import { answerWithExpress, createExpressApp, exchangeOfRequest } from "./express-app.ts";
import { expressStage } from "./express-stage.ts";

interface Seen {
  readonly status: number;
  readonly text: string;
  readonly json: any;
  /** The head as it came, where there is one to see. */
  readonly head: string;
  readonly record: RequestRecord;
}

interface Sent {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Send = (t: TestContext, stages: readonly Stage[], sent?: Sent) => Promise<Seen>;

const overHttp1 =
  (extra: string): Send =>
  async (t, stages, { path = "/", headers = {}, body } = {}) => {
    const { port, recorded } = await listening(t, { stages });
    const line = dial(t, port);
    const lines = Object.entries({ ...headers, ...(body && { "content-length": String(body.length) }) });
    const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    line.socket.write(
      `${body ? "POST" : "GET"} ${path} HTTP/1.1\r\nHost: a.test\r\n${extra}${fields}\r\n${body ?? ""}`,
    );
    const all = await line.ended;
    const [head = "", ...rest] = all.split("\r\n\r\n");
    const text = rest.join("\r\n\r\n");
    const [record] = await recorded(1);
    assert.ok(record);
    return { status: Number(head.slice(9, 12)), head, text, json: text.startsWith("{") && JSON.parse(text), record };
  };

const overHttp2: Send = async (t, stages, { path = "/", headers = {}, body } = {}) => {
  const { port, recorded } = await listening(t, { stages, tls: serverMaterial });
  const client = session(t, port);
  const asked = ask(
    client,
    { ":path": path, ":authority": "a.test", ...(body && { ":method": "POST" }), ...headers },
    body,
  );
  const { status, text, json, fields } = await asked;
  const head = Object.entries(fields)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join("\r\n");
  const [record] = await recorded(1);
  assert.ok(record);
  return { status, head, text, json, record };
};

/** What hygiene leaves behind. */
const normal: Stage = {
  name: "normal",
  run({ request }) {
    const [path = "", query] = request.target.split("?", 2);
    request.path = path.toLowerCase();
    request.query = query === undefined ? "" : `?${query}`;
    request.host = "a.test";
    request.headers = request.rawHeaders
      .map((part, index) => (index % 2 === 0 ? part.toLowerCase() : part))
      .filter((_, index, all) => !all[index - (index % 2)]!.startsWith("x-forwarded"));
  },
};

/** Does what passport does: reads a header, answers 401 by itself, or leaves a user on the request. */
const passportLike: RequestHandler = (request, response, next) => {
  const { authorization } = request.headers;
  if (authorization === "Bearer good") {
    Object.assign(request, { user: "ada" });
    return next();
  }
  if (authorization === "Bearer down") return next(new GatewayError("identity.unavailable"));
  response.statusCode = 401;
  response.setHeader("WWW-Authenticate", "Bearer");
  response.end("Unauthorized");
};
const later =
  (middleware: RequestHandler): RequestHandler =>
  (request, response, next) =>
    void setTimeout(() => void middleware(request, response, next), 5);

const ways: readonly { protocol: string; send: Send }[] = [
  { protocol: "HTTP/1.1", send: overHttp1("Connection: close\r\n") },
  { protocol: "HTTP/2", send: overHttp2 },
  { protocol: "an upgrade", send: overHttp1("Connection: upgrade\r\nUpgrade: websocket\r\n") },
];

for (const { protocol, send } of ways) {
  for (const { when, wrap } of [
    { when: "at once", wrap: (middleware: RequestHandler) => middleware },
    { when: "later", wrap: later },
  ]) {
    const guard = expressStage("guard", wrap(passportLike));

    test(`over ${protocol} a middleware that says next ${when} lets the request go on`, async (t) => {
      const { status, json, record } = await send(t, [guard, answer], { headers: { authorization: "Bearer good" } });
      assert.deepEqual([status, json.method, record.ending], [200, "GET", "answered"]);
      assert.deepEqual(record.phases, ["naming", "guard", "answer"]);
    });

    test(`over ${protocol} a middleware that answers ${when} ends the way`, async (t) => {
      const adding: Stage = { name: "adding", run: ({ reply }) => reply.add("x-added", "yes") };
      const { status, text, head, record } = await send(t, [adding, guard, answer]);
      assert.deepEqual([status, text], [401, "Unauthorized"]);
      assert.match(head, /www-authenticate: Bearer/i);
      assert.match(head, /x-added: yes/);
      assert.deepEqual([record.status, record.ending, record.error], [401, "answered", undefined]);
      assert.deepEqual(record.phases, ["naming", "adding", "guard"]);
    });

    test(`over ${protocol} a middleware that fails ${when} is a problem of the kernel`, async (t) => {
      const { status, json, record } = await send(t, [guard, answer], { headers: { authorization: "Bearer down" } });
      assert.deepEqual([status, json.requestId], [503, record.id]);
      assert.equal(record.error, "identity.unavailable");
    });
  }

  for (const { how, middleware } of [
    {
      how: "throws",
      middleware: () => {
        throw new Error("hunter2");
      },
    },
    {
      how: "rejects",
      middleware: async () => {
        await delay(1);
        throw new Error("hunter2");
      },
    },
    { how: "rejects with nothing", middleware: () => Promise.reject() },
    { how: "passes a string on", middleware: (_: Request, __: Response, next: NextFunction) => next("hunter2") },
  ] satisfies { how: string; middleware: RequestHandler }[])
    test(`over ${protocol} a middleware that ${how} is a 500 that tells nothing`, async (t) => {
      const { status, text, record } = await send(t, [expressStage("broken", middleware), answer]);
      assert.equal(status, 500);
      assert.doesNotMatch(text, /hunter2/);
      assert.equal(record.error, "server.error");
    });

  test(`over ${protocol} the comforts of Express are there`, async (t) => {
    const comfortable: RequestHandler = (request, response) => {
      const { hostname, path, query, protocol: scheme, ip } = request;
      response.status(418).json({ hostname, path, query, scheme, ip, type: request.get("x-type") });
    };
    const { status, json, head } = await send(t, [normal, expressStage("comfortable", comfortable)], {
      path: "/A/b?c=d",
      headers: { "x-type": "t", "x-forwarded-for": "203.0.113.1" },
    });
    assert.equal(status, 418);
    assert.deepEqual(json, {
      hostname: "a.test",
      path: "/a/b",
      query: { c: "d" },
      scheme: protocol === "HTTP/2" ? "https" : "http",
      ip: "127.0.0.1",
      type: "t",
    });
    assert.doesNotMatch(head, /x-powered-by|etag/i);
  });

  test(`over ${protocol} a middleware sees the headers that hygiene let through, and no others`, async (t) => {
    const telling: RequestHandler = (request, response) => void response.json(request.headers);
    const { json } = await send(t, [normal, expressStage("telling", telling)], {
      headers: { "x-forwarded-for": "1.1.1.1", b: "c" },
    });
    assert.deepEqual([json.b, json.host, json["x-forwarded-for"]], ["c", "a.test", undefined]);
  });

  test(`over ${protocol} who says next twice, or after an answer, is heard once`, async (t) => {
    const twice: RequestHandler = (_, __, next) => {
      next();
      next(new Error("again"));
      setTimeout(() => next(), 5);
    };
    const { status, record } = await send(t, [expressStage("twice", twice), answer]);
    assert.deepEqual([status, record.error], [200, undefined]);
  });
}

for (const { protocol, send } of ways.slice(0, 2)) {
  const app = createExpressApp((router) => {
    router.post("/token", express.urlencoded({ extended: false, limit: 50 }), (request, response) => {
      response.set("cache-control", "no-store").json({ body: request.body, id: exchangeOfRequest(request).id });
    });
    router.get("/fails", () => Promise.reject(new GatewayError("token.throttled")));
  });
  const tokens: Stage = {
    name: "tokens",
    run: (exchange) => answerWithExpress(exchange, "answer a token request", app),
  };
  const form = { "content-type": "application/x-www-form-urlencoded" };

  test(`over ${protocol} an app answers an exchange, and knows which`, async (t) => {
    const adding: Stage = { name: "adding", run: ({ reply }) => reply.add("x-added", "yes") };
    const { status, json, head, record } = await send(t, [normal, adding, tokens], {
      path: "/token",
      body: "a=b",
      headers: form,
    });
    assert.deepEqual([status, json], [200, { body: { a: "b" }, id: record.id }]);
    assert.match(head, /x-added: yes/);
    assert.ok(record.bytesOut > 0);
  });

  for (const { name, sent, expected, code } of [
    { name: "an unknown path", sent: { path: "/other" }, expected: 404, code: "route.unknown" },
    {
      name: "a body beyond the parser's limit",
      sent: { path: "/token", body: `a=${"b".repeat(60)}`, headers: form },
      expected: 413,
      code: "body.too-large",
    },
    {
      name: "an unknown charset",
      sent: { path: "/token", body: "a=b", headers: { "content-type": `${form["content-type"]}; charset=x` } },
      expected: 400,
      code: "request.malformed",
    },
    { name: "a handler that rejects", sent: { path: "/fails" }, expected: 429, code: "token.throttled" },
  ])
    test(`over ${protocol} ${name} is a ${expected} of the kernel`, async (t) => {
      const { status, json, record } = await send(t, [normal, tokens], sent);
      assert.deepEqual([status, json.type, json.requestId], [expected, `urn:tandem:problem:${code}`, record.id]);
    });
}

test("an app does not answer upgrades", async (t) => {
  const app = createExpressApp((router) => void router.use((_, response) => void response.end("hello")));
  const stage: Stage = { name: "app", run: (exchange) => answerWithExpress(exchange, "answer", app) };
  const { status, json } = await overHttp1("Connection: upgrade\r\nUpgrade: websocket\r\n")(t, [stage]);
  assert.deepEqual([status, json.type], [400, "urn:tandem:problem:request.upgrade"]);
});

test("a dry run ends at a middleware, and says so", async () => {
  const { exchange } = exchangeOf({ transport: { kind: "dry" } });
  await expressStage("guard", () => assert.fail("a dry run has no request to show")).run(exchange);
  assert.match(exchange.planned ?? "", /^guard, which needs a real request/);
});

test("a client that leaves while a middleware waits does not leave it waiting", async (t) => {
  const waiting = expressStage("waiting", () => {});
  const ended: Promise<void>[] = [];
  const watched: Stage = {
    name: "watched",
    run: (exchange) => void ended.push(Promise.resolve(waiting.run(exchange))),
  };
  const { port, recorded } = await listening(t, { stages: [watched, { name: "hold", run: () => delay(100) }] });
  const line = dial(t, port);
  line.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await delay(30);
  line.socket.destroy();
  assert.equal((await recorded(1))[0]?.ending, "client-left");
  await ended[0];
});

test("where a middleware says next at once there is no promise", async (t) => {
  const stage = expressStage("quick", (_, __, next) => next());
  const returned: unknown[] = [];
  const watched: Stage = { name: "watched", run: (exchange) => void returned.push(stage.run(exchange)) };
  await ways[0]!.send(t, [watched, answer]);
  assert.deepEqual(returned, [undefined]);
});
