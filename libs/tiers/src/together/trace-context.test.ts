// Which trace a request is in, through both tiers: what the service is told, and what the client.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { after, describe, test } from "node:test";
import { until } from "@tandem/platform/testing";
import { ask, askRaw, protocols, serve, startBoth, type Told } from "./testing.ts";

const theirs = { traceId: "1".repeat(32), spanId: "2".repeat(16) };
const lineOf = (flags: string) => `00-${theirs.traceId}-${theirs.spanId}-${flags}`;
const sent = (flags: string) => ({ traceparent: lineOf(flags), tracestate: ["a=1", "b=2"], baggage: "user=7" });

/** What the service saw last. */
let seen: IncomingMessage["headersDistinct"] = {};
const upgrading = (request: IncomingMessage, socket: NodeJS.WritableStream): void => {
  seen = request.headersDistinct;
  socket.end(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nTraceresponse: 00-x\r\n\r\n",
  );
};

const tracedBy = (told: Pick<Told, "headers">) => {
  const [, traceId, spanId, flags] = String(told.headers["traceresponse"]).split("-");
  return { traceId, spanId, flags };
};
const told = () => {
  const [, traceId, spanId, flags] = String(seen["traceparent"]).split("-");
  return { traceId, spanId, flags };
};

for (const { trust, goesOn } of [
  { trust: "continue", goesOn: true },
  { trust: "restart", goesOn: false },
  { trust: "ignore", goesOn: false },
] as const)
  describe(`a listener that says ${trust}`, async () => {
    const sockets = await serve({ after }, () => {}, upgrading);
    const bed = await startBoth(
      { after },
      (request, response) => {
        seen = request.headersDistinct;
        response.setHeader("traceresponse", lineOf("03")).end();
      },
      {
        traceContext: { networks: [{ from: ["127.0.0.0/8"], trust }] },
        routing: {
          services: { sockets: { discovery: "static", instances: [sockets] } },
          routes: [{ name: "sockets", service: "sockets", match: { path: "/sockets" }, allow: "anyone" }],
          policies: [],
        },
      },
    );
    /** The trace that the security tier keeps of a request. */
    const traceOf = async (requestId: string): Promise<string> => {
      let kept: any;
      await until(`the trace of ${requestId} is kept`, async () => {
        kept = await (await bed.security.admin(`/traces/${requestId}`)).json();
        return kept.spans !== undefined;
      });
      return kept.spans[0].traceId;
    };
    const line = (protocol: "http/1.1" | "h2") => ({ port: bed.security.port, protocol, tls: bed.tls() });

    for (const protocol of protocols) {
      test(`over ${protocol} tells client and service of ${goesOn ? "the client's" : "a new"} trace`, async () => {
        const answer = await ask(line(protocol), { path: "/open", headers: sent("00") });
        const [client, service] = [tracedBy(answer), told()];
        assert.equal(client.traceId === theirs.traceId, goesOn);
        assert.equal(service.traceId, client.traceId);
        assert.notEqual(service.spanId, client.spanId);
        // The tests sample everything that is theirs to decide.
        assert.deepEqual([client.flags, service.flags], goesOn ? ["00", "00"] : ["03", "03"]);
        assert.deepEqual(seen["tracestate"], goesOn ? ["a=1,b=2"] : undefined);
        assert.deepEqual(seen["baggage"], goesOn ? ["user=7"] : undefined);
        assert.deepEqual(seen["x-request-id"], [answer.headers["x-request-id"]]);
      });

      test(`over ${protocol} names request and trace in a problem of either tier`, async () => {
        for (const [path, code] of [
          ["/nowhere", "route.unknown"],
          ["/a%2f..", "request.path"],
        ] as const) {
          const answer = await ask(line(protocol), { path, headers: sent("01") });
          assert.equal(answer.json.type, `urn:tandem:problem:${code}`);
          assert.equal(answer.headers["x-request-id"], answer.json.requestId);
          const { traceId } = tracedBy(answer);
          assert.equal(traceId === theirs.traceId, goesOn);
          assert.equal(await traceOf(answer.json.requestId), traceId);
        }
      });
    }

    test("names them in the answer to an upgrade", async () => {
      const question = requestHttps({
        ...bed.tls(),
        host: "127.0.0.1",
        port: bed.security.port,
        path: "/sockets",
        headers: {
          host: "localhost",
          connection: "upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
          traceparent: lineOf("03"),
        },
      }).end();
      const [answer, socket] = (await once(question, "upgrade")) as [IncomingMessage, NodeJS.ReadableStream];
      socket.resume();
      const { traceId } = tracedBy(answer);
      assert.equal(answer.statusCode, 101);
      assert.deepEqual([traceId, told().traceId], [told().traceId, goesOn ? theirs.traceId : traceId]);
      assert.deepEqual(seen["x-request-id"], [answer.headers["x-request-id"]]);
    });

    test("names them where the parser refuses a request", async () => {
      const text = await askRaw(bed.security.port, bed.tls(), "GET / HTTP/1.1\r\nbad header\r\n\r\n");
      assert.match(text, /^HTTP\/1.1 400 /);
      const requestId = /\r\nx-request-id: (\w+)\r\n/.exec(text)?.[1] ?? "";
      const traceId = /\r\ntraceresponse: 00-(\w{32})-\w{16}-03\r\n/.exec(text)?.[1];
      assert.equal(await traceOf(requestId), traceId);
    });
  });
