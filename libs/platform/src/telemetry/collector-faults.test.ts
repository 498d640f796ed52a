// A collector that answers, and wrongly: spans are lost and counted, and nothing else happens.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { until } from "../testing.ts";
import { createCollector } from "./collector.ts";
import type { CompactSpan } from "./compact-span.ts";
import { createSpanExporter } from "./span-exporter.ts";

const span: CompactSpan = {
  traceId: "1".repeat(32),
  spanId: "2".repeat(16),
  flags: 1,
  kind: "server",
  name: "GET",
  startedAt: 0,
  duration: 1,
  attributes: {},
};

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function exporterTo(t: TestContext, url: string) {
  const warnings: unknown[] = [];
  const logger = { info: () => {}, warn: (_: string, fields?: object) => void warnings.push(fields) };
  const exporter = createSpanExporter({ url, service: "a", instance: "one", logger, every: 5, timeout: 500 });
  t.after(() => exporter.shutdown(100));
  exporter.export([span]);
  return { exporter, warnings };
}

const faults: { name: string; answer: RequestListener }[] = [
  {
    name: "asks for a pause that is longer than it has",
    answer: (_, response) => void response.writeHead(429, { "retry-after": "3600" }).end(),
  },
  {
    name: "says that it is busy, again and again",
    answer: (_, response) => void response.writeHead(503, { "retry-after": "0" }).end(),
  },
  {
    name: "answers without an end",
    answer: (_, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    },
  },
];
for (const { name, answer } of faults)
  test(`one that ${name} costs the batch and one line`, async (t) => {
    const { exporter, warnings } = exporterTo(t, `http://${await serve(t, answer)}`);
    await until("the span is counted as dropped", () => exporter.dropped === 1);
    assert.deepEqual([exporter.exported, warnings.length], [0, 1]);
  });

test("one that redirects does not make the spans go elsewhere", async (t) => {
  let elsewhere = 0;
  const other = await serve(t, (_, response) => {
    elsewhere++;
    response.end();
  });
  const url = await serve(t, (_, response) => void response.writeHead(307, { location: `http://${other}/` }).end());
  const { exporter } = exporterTo(t, `http://${url}`);
  await until("the span is counted as dropped", () => exporter.dropped === 1);
  assert.deepEqual([elsewhere, exporter.exported], [0, 0]);
});

test("one that speaks no TLS is not spoken to in the clear", async (t) => {
  let heard = 0;
  const url = await serve(t, (_, response) => {
    heard++;
    response.end();
  });
  const { exporter, warnings } = exporterTo(t, `https://${url}`);
  await until("the span is counted as dropped", () => exporter.dropped === 1);
  assert.deepEqual([heard, warnings.length], [0, 1]);
});

test("what cannot be encoded is lost, and says why", async (t) => {
  const thrower = {
    export: () => {
      throw new RangeError("too deep");
    },
  };
  const collector = createCollector(
    { url: "http://127.0.0.1:1", service: "a", instance: "one" },
    { path: "/v1/logs", exporter: () => thrower },
  );
  t.after(() => collector.close());
  assert.deepEqual(await collector.send(["a", "b"]), { lost: 2, reason: "too deep" });
});
