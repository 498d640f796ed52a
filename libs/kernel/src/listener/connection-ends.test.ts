import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { ConnectionEnd } from "@tandem/contracts/connection-ends";
import type { Stage } from "../stage.ts";
import { dial, listening, serverMaterial, type Listening } from "./testing.ts";

const get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
const last = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345";
const never: Stage = { name: "never", run: (exchange) => exchange.act("nothing", () => {}) };
const reads: Stage = {
  name: "reads",
  run: (exchange) => exchange.act("read", () => void exchange.request.body?.resume()),
};
const breaks: Stage = {
  name: "breaks",
  run: (exchange) =>
    exchange.act("break", () => {
      exchange.reply.start(200, ["content-length", "10"]);
      exchange.fail(new Error("broke"));
    }),
};
const tunnel: Stage = {
  name: "tunnel",
  run: (exchange) =>
    exchange.act("upgrade", () => {
      if (exchange.transport.kind !== "upgrade") return;
      const { socket } = exchange.transport;
      exchange.record.status = 101;
      socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
      socket.pipe(socket);
    }),
};

interface Case {
  readonly name: string;
  readonly end: ConnectionEnd;
  readonly say?: string;
  /** What comes before the client acts. */
  readonly until?: RegExp;
  readonly act?: (socket: Socket, listener: Listening["listener"]) => unknown;
  readonly stages?: readonly Stage[];
  readonly limits?: Record<string, unknown>;
  readonly requests?: number;
  readonly upgraded?: boolean;
  /** Node cannot reset what is below TLS. */
  readonly clearOnly?: true;
}

const cases: readonly Case[] = [
  { name: "the client asks for the end", say: last, end: "last-answer", requests: 1 },
  {
    name: "the client closes after an answer",
    say: get,
    until: /}$/,
    act: (socket) => socket.end(),
    end: "client-closed",
    requests: 1,
  },
  {
    name: "the client closes in the middle of a head",
    say: "GET / HT",
    act: (socket) => socket.end(),
    end: "client-closed",
  },
  {
    name: "the client resets after an answer",
    say: get,
    until: /}$/,
    act: (socket) => socket.resetAndDestroy(),
    end: "client-reset",
    requests: 1,
    clearOnly: true,
  },
  {
    name: "the client resets while it waits",
    say: get,
    stages: [never],
    act: (socket) => delay(50).then(() => socket.resetAndDestroy()),
    end: "client-reset",
    requests: 1,
    clearOnly: true,
  },
  { name: "nothing further is asked", say: get, limits: { keepAlive: "100ms" }, end: "keep-alive", requests: 1 },
  {
    name: "as many as allowed were asked",
    say: get + get,
    limits: { requestsPerConnection: 2 },
    end: "request-limit",
    requests: 2,
  },
  { name: "half a head", say: "GET / HTTP/1.1\r\nHo", limits: { headTimeout: "100ms" }, end: "head-timeout" },
  {
    name: "half a second head",
    say: `${get}GET /`,
    limits: { headTimeout: "100ms" },
    end: "head-timeout",
    requests: 1,
  },
  {
    name: "half a body",
    say: post,
    stages: [reads],
    limits: { headTimeout: "100ms", requestTimeout: "200ms" },
    end: "request-timeout",
    requests: 1,
  },
  {
    name: "an answer that does not come",
    say: get,
    stages: [never],
    limits: { idleTimeout: "100ms" },
    end: "idle",
    requests: 1,
  },
  { name: "garbage", say: "\0\0\0\r\n\r\n", end: "protocol-error" },
  { name: "garbage behind an answer", say: `${get}\0\0`, end: "protocol-error", requests: 1 },
  { name: "CONNECT", say: "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", end: "last-answer" },
  { name: "an answer that breaks", say: get, stages: [breaks], end: "broken-off", requests: 1 },
  { name: "an upgrade that is refused", say: upgrade, end: "last-answer", requests: 1, upgraded: false },
  {
    name: "a tunnel that the client ends",
    say: upgrade,
    until: /101/,
    stages: [tunnel],
    act: (socket) => socket.end(),
    end: "tunnel-ended",
    requests: 1,
    upgraded: true,
  },
  {
    name: "a tunnel that falls silent",
    say: upgrade,
    stages: [tunnel],
    limits: { idleTimeout: "100ms" },
    end: "idle",
    requests: 1,
    upgraded: true,
  },
  {
    name: "a tunnel of a gateway that leaves",
    say: upgrade,
    until: /101/,
    stages: [tunnel],
    act: (_, listener) => listener.close(5000),
    end: "drain",
    requests: 1,
    upgraded: true,
  },
  {
    name: "a gateway that leaves with nothing under way",
    say: get,
    until: /}$/,
    act: (_, listener) => listener.close(5000),
    end: "drain",
    requests: 1,
  },
  {
    name: "a gateway that leaves and cannot wait",
    say: get,
    stages: [never],
    act: (_, listener) => delay(50).then(() => listener.close(50)),
    end: "drain-forced",
    requests: 1,
  },
];

for (const { transport, tls, secure } of [
  { transport: "clear text", tls: undefined, secure: undefined },
  { transport: "TLS", tls: serverMaterial, secure: {} },
])
  for (const {
    name,
    say = "",
    until,
    act,
    stages,
    limits = {},
    end,
    requests = 0,
    upgraded = false,
    clearOnly,
  } of cases)
    if (!clearOnly || !secure)
      test(`over ${transport}, ${name}: ${end}`, async (t) => {
        const { port, listener, closed } = await listening(t, {
          ...(tls && { tls }),
          ...(stages && { stages }),
          listen: { limits },
        });
        const line = dial(t, port, secure);
        line.socket.write(say);
        if (until) await line.until(until);
        else await once(line.socket, secure ? "secureConnect" : "connect");
        const acted = act?.(line.socket, listener);
        const [event, ...more] = await closed(1);
        assert.deepEqual([event?.end, event?.requests, event?.upgraded, more.length], [end, requests, upgraded, 0]);
        assert.ok(event!.bytesIn >= say.length);
        await acted;
      });
