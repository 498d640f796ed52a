import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { listening } from "../listening.testing.ts";
import { lokiAt } from "./loki.ts";

const question = { conditions: [], since: 1_000, limit: 7 };
const streams = (result: unknown) => JSON.stringify({ status: "success", data: { resultType: "streams", result } });

test("the lines of all streams are one log, in order of time, as they were written", async (t) => {
  const line = { "@timestamp": "1970-01-01T00:00:00.003Z", message: "b", "user.id": "ann" };
  const url = await listening(t, (_, response) =>
    response.end(
      streams([
        { stream: { service_name: "routing-gateway", user_id: "ann" }, values: [["3000000", JSON.stringify(line)]] },
        {
          stream: { service_name: "security-gateway" },
          values: [
            ["4000000", "no line of ours"],
            ["2500000", "7"],
          ],
        },
      ]),
    ),
  );
  const lines = await lokiAt(url).read(question);
  assert.deepEqual(
    lines.map(({ time }) => time),
    [2.5, 3, 4],
  );
  assert.deepEqual(lines[1]?.fields, line);
  assert.deepEqual(lines[2]?.fields, {
    "@timestamp": "1970-01-01T00:00:00.004Z",
    message: "no line of ours",
    "service.name": "security-gateway",
  });
});

test("Loki is asked for the time in nanoseconds, the latest first, below whatever path it has", async (t) => {
  const asked: URL[] = [];
  const url = await listening(t, (request, response) => {
    asked.push(new URL(request.url ?? "", "http://loki"));
    response.end(streams([]));
  });
  await lokiAt(`${url}/central`).read({ ...question, until: 2_000 });
  assert.equal(asked[0]?.pathname, "/central/loki/api/v1/query_range");
  const { query, ...others } = Object.fromEntries(asked[0]?.searchParams ?? []);
  assert.deepEqual(others, { start: "1000000000", end: "2000000000", limit: "7", direction: "backward" });
  assert.match(query ?? "", /^\{service_name=~/);
});

const troubles: { name: string; answer: RequestListener; says: RegExp }[] = [
  {
    name: "does not like the question",
    answer: (_, response) => response.writeHead(400).end("parse error at \u001b[31mline 1\n"),
    says: / answers 400: parse error at \\u001b\[31mline 1$/,
  },
  { name: "has too much to do", answer: (_, response) => response.writeHead(429).end(), says: / answers 429$/ },
  { name: "is a proxy", answer: (_, response) => response.writeHead(502).end("<html>"), says: / answers 502$/ },
  { name: "says nothing", answer: () => {}, says: / does not answer within 0.2 s: is Loki running there\?$/ },
  {
    name: "falls silent in the middle",
    answer: (_, response) => response.write("{"),
    says: / does not answer within 0.2 s/,
  },
  { name: "hangs up", answer: (request) => request.socket.destroy(), says: / does not answer: is Loki running there/ },
  { name: "is a web site", answer: (_, response) => response.end("<html>"), says: /no log: is it Loki\?$/ },
  { name: "is another API", answer: (_, response) => response.end('{"data":null}'), says: /no log: is it Loki\?$/ },
  {
    name: "answers in numbers",
    answer: (_, response) => response.end('{"data":{"resultType":"matrix","result":[]}}'),
    says: /no log: is it Loki\?$/,
  },
  {
    name: "has times that are none",
    answer: (_, response) => response.end(streams([{ stream: {}, values: [["soon", "x"]] }])),
    says: /no log: is it Loki\?$/,
  },
];
for (const { name, answer, says } of troubles)
  test(`a Loki that ${name} is an error that names it`, async (t) => {
    const url = await listening(t, answer);
    await assert.rejects(
      lokiAt(url, { patience: 200 }).read(question),
      ({ message }: Error) => message.startsWith(url) && says.test(message),
    );
  });
