import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { answeredRecord, traceId } from "@tandem/observe/testing";
import { spansOfRecord } from "@tandem/observe/trace/spans-of-record";
import { createTraceRing } from "@tandem/observe/trace/trace-ring";
import { tracesHandler } from "@tandem/observe/trace/traces-handler";
import { directoryWith } from "@tandem/platform/testing";
import { listening } from "./listening.testing.ts";
import { collectTrace } from "./trace.ts";

/** The admin plane of a tier that keeps one request, under a name of its own. */
async function plane(t: TestContext, service: string, requestId: string): Promise<{ url: string; asked: string[] }> {
  const ring = createTraceRing({ keep: 5 });
  let spans = 0;
  const ids = { spanId: () => `${service}${++spans}`.padEnd(16, "0") };
  ring.add(requestId, spansOfRecord(answeredRecord({ id: requestId }), ids));
  const show = tracesHandler(ring, { service, instance: "one" });
  const asked: string[] = [];
  const url = await listening(t, (request, response) => {
    asked.push(request.url ?? "");
    if (request.headers.authorization === "Bearer the-token") show(request, response);
    else response.writeHead(401).end();
  });
  return { url, asked };
}

const tokenIn = (t: TestContext, token = "the-token\n"): string => join(directoryWith(t, { token }), "token");

test("both tiers give their part of a trace, and are asked once", async (t) => {
  const [one, other] = [await plane(t, "security-gateway", "r1"), await plane(t, "routing-gateway", "r1")];
  const parts = await collectTrace("r1", { admin: [one.url, other.url], tokenFile: tokenIn(t) });
  assert.deepEqual(
    parts.map(({ service }) => service),
    ["security-gateway", "routing-gateway"],
  );
  assert.deepEqual([one.asked, other.asked], [["/traces/r1"], ["/traces/r1"]]);
});

test("a tier that knows the request by another name is asked for the trace", async (t) => {
  const [one, other] = [await plane(t, "security-gateway", "r1"), await plane(t, "routing-gateway", "r2")];
  const parts = await collectTrace("r2", { admin: [one.url, other.url], tokenFile: tokenIn(t) });
  assert.equal(parts.length, 2);
  assert.deepEqual(one.asked, ["/traces/r2", `/traces/${traceId}`]);
});

test("a trace that only one tier keeps is shown as far as it is known", async (t) => {
  const known = await plane(t, "security-gateway", "r1");
  const unknowing = await listening(t, (_, response) => response.writeHead(404).end());
  for (const id of ["r1", traceId])
    assert.equal((await collectTrace(id, { admin: [known.url, unknowing], tokenFile: tokenIn(t) })).length, 1);
});

test("an id that nobody knows gives nothing, and cannot name another path", async (t) => {
  const { url, asked } = await plane(t, "security-gateway", "r1");
  assert.deepEqual(await collectTrace("../config?x", { admin: [url], tokenFile: tokenIn(t) }), []);
  assert.deepEqual(asked, ["/traces/..%2Fconfig%3Fx"]);
});

const troubles: { name: string; answer: RequestListener; says: RegExp }[] = [
  {
    name: "refuses the token",
    answer: (_, response) => response.writeHead(401).end(),
    says: /not accept the admin tok/,
  },
  { name: "is in trouble", answer: (_, response) => response.writeHead(503).end(), says: / answered 503$/ },
  { name: "says nothing", answer: () => {}, says: /does not answer: is Tandem running\?/ },
  { name: "hangs up", answer: (request) => request.socket.destroy(), says: /does not answer: is Tandem running\?/ },
  {
    name: "falls silent in the middle",
    answer: (_, response) => response.write('{"spans":'),
    says: /does not answer: is Tandem running\?/,
  },
  { name: "is a web site", answer: (_, response) => response.end("<html>"), says: /no trace: is it an admin plane/ },
  { name: "is another API", answer: (_, response) => response.end("null"), says: /no trace: is it an admin plane/ },
];
for (const { name, answer, says } of troubles)
  test(`a plane that ${name} is an error that names it`, async (t) => {
    const good = await plane(t, "security-gateway", "r1");
    const bad = await listening(t, answer);
    const failure = collectTrace("r1", { admin: [good.url, bad], tokenFile: tokenIn(t), patience: 1_500 });
    await assert.rejects(failure, ({ message }: Error) => message.startsWith(bad) && says.test(message));
  });

test("without the file of the token nobody is asked", async (t) => {
  const { url, asked } = await plane(t, "security-gateway", "r1");
  await assert.rejects(
    collectTrace("r1", { admin: [url], tokenFile: "/nowhere/token" }),
    /cannot be read from \/nowhere/,
  );
  assert.deepEqual(asked, []);
});

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const tandem = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

test("the command prints one tree, or says that nobody knows the id, with exit code 1", async (t) => {
  const { url } = await plane(t, "security-gateway", "r1");
  const where = ["--admin", url, "--token-file", tokenIn(t)];
  const found = await tandem("trace", "r1", ...where);
  assert.deepEqual([found.code, found.stderr], [0, ""]);
  assert.match(found.stdout, new RegExp(`^trace ${traceId}  request r1\n.*GET orders-read`));
  const lost = await tandem("trace", "r9", ...where);
  assert.deepEqual([lost.code, lost.stdout], [1, ""]);
  assert.match(lost.stderr, /^nobody keeps a trace or request r9: /);
});
