import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { answeredRecord, traceId } from "../testing.ts";
import { spansOfRecord } from "./spans-of-record.ts";
import { createTraceRing } from "./trace-ring.ts";
import { tracesHandler } from "./traces-handler.ts";

test("the admin plane lists traces, shows one, and knows none else", async (t) => {
  const ring = createTraceRing({ keep: 5 });
  const record = answeredRecord();
  ring.add(record.id, spansOfRecord(record, { spanId: () => "cccccccccccccccc" }));
  const server = createServer(tracesHandler(ring, { service: "routing-gateway", instance: "one" }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${address.port}${path}`);
    const json: any = await answer.json();
    return { status: answer.status, type: answer.headers.get("content-type"), json };
  };

  const list = await get("/traces?any=thing");
  assert.equal(list.status, 200);
  assert.deepEqual([list.json.service, list.json.instance, list.json.traces.length], ["routing-gateway", "one", 1]);
  assert.equal(list.json.traces[0].requestId, record.id);

  for (const path of [`/traces/${traceId}`, `/traces/${record.id}/`, `/${traceId}`]) {
    const one = await get(path);
    assert.equal(one.status, 200);
    assert.deepEqual(one.json.spans.map(({ name }: { name: string }) => name).slice(0, 1), ["GET orders-read"]);
  }
  const none = await get("/traces/%00");
  assert.deepEqual([none.status, none.type], [404, "application/problem+json"]);
});
