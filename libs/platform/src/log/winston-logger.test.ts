import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import test, { type TestContext } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { fixedClock } from "../testing.ts";
import { createLogger } from "./winston-logger.ts";

function collectingSink(isTTY = false) {
  const written: string[] = [];
  return {
    written,
    isTTY,
    write(text: string, done: (error?: Error | null) => void) {
      written.push(text);
      queueMicrotask(done);
    },
    on() {},
    lines: () => written.join("").split("\n").slice(0, -1),
  };
}

const clock = fixedClock(0);

test("a child's fields stand on its lines, and its own come last", async () => {
  const stdout = collectingSink();
  const logger = createLogger({ stdout, clock, fields: { service: "security-gateway" } });
  logger.child({ part: "jwks", n: 1 }).warn("keys are stale", { n: 2 });
  await logger.close();
  assert.deepEqual(stdout.lines(), [
    '{"@timestamp":"1970-01-01T00:00:00.000Z","log.level":"warn","message":"keys are stale","event.dataset":"tandem.process","service":"security-gateway","part":"jwks","n":2,"ecs.version":"8.17"}',
  ]);
});

test("what is below the level is not written, and isDebug says so before", async () => {
  const stdout = collectingSink();
  const logger = createLogger({ stdout, level: "warn" });
  logger.info("no");
  logger.debug("no");
  logger.error("yes");
  logger.line('{"access":1}');
  await logger.close();
  assert.equal(logger.isDebug, false);
  assert.equal(createLogger({ stdout, level: "debug" }).child({}).isDebug, true);
  assert.match(stdout.lines().join(), /"yes".*|\{"access":1\}/);
  assert.equal(stdout.lines().length, 2);
});

test("finished lines go through in batches of at most 256, unchanged and in order", async () => {
  const stdout = collectingSink();
  const logger = createLogger({ stdout });
  const lines = Array.from({ length: 1000 }, (_, at) => `{"n":${at}}`);
  for (const line of lines) logger.line(line);
  await logger.close();
  assert.deepEqual(stdout.lines(), lines);
  assert.deepEqual(
    stdout.written.map((text) => text.split("\n").length - 1),
    [256, 256, 256, 232],
  );
});

test("ten thousand lines in one turn all arrive", async () => {
  const stdout = collectingSink();
  const logger = createLogger({ stdout });
  for (let at = 0; at < 10_000; at += 1) logger.info("line", { at });
  await logger.close();
  assert.equal(stdout.lines().length, 10_000);
  assert.equal(logger.sinks[0]?.dropped, 0);
});

test("after the end a line is ignored, and a second end changes nothing", async () => {
  const stdout = collectingSink();
  const logger = createLogger({ stdout });
  await logger.close();
  logger.error("late");
  logger.line("late");
  await logger.close();
  assert.deepEqual(stdout.written, []);
});

for (const { name, isTTY, format, pattern } of [
  { name: "a terminal gets readable lines", isTTY: true, format: "auto", pattern: /INFO.* {2}?hello a=1$/ },
  { name: "a pipe gets JSON", isTTY: false, format: "auto", pattern: /^\{"@timestamp"/ },
  { name: "a terminal gets JSON where that was asked for", isTTY: true, format: "json", pattern: /^\{"@timestamp"/ },
  {
    name: "a pipe gets readable lines without colours where that was asked for",
    isTTY: false,
    format: "pretty",
    pattern: /^[\d:.]+ INFO {2}hello a=1$/,
  },
] as const) {
  test(name, async () => {
    const stdout = collectingSink(isTTY);
    const logger = createLogger({ stdout, format });
    logger.info("hello", { a: 1 });
    await logger.close();
    const line = stdout.lines()[0] ?? "";
    assert.match(isTTY ? stripVTControlCharacters(line) : line, pattern);
  });
}

test("a terminal shows no connection that ended well, and a pipe has each", async () => {
  for (const [isTTY, shown] of [
    [true, 1],
    [false, 3],
  ] as const) {
    const stdout = collectingSink(isTTY);
    const logger = createLogger({ stdout });
    for (const outcome of ["success", "failure", "success"])
      logger.line(JSON.stringify({ "event.dataset": "tandem.connection", "event.outcome": outcome, message: "m" }));
    await logger.close();
    assert.equal(stdout.lines().length, shown);
  }
});

test("stacks are shown at debug alone", async () => {
  const [quiet, loud] = [collectingSink(), collectingSink()];
  for (const [stdout, level] of [
    [quiet, "info"],
    [loud, "debug"],
  ] as const) {
    const logger = createLogger({ stdout, level });
    logger.error("failed", { error: new Error("a", { cause: new Error("b") }) });
    await logger.close();
  }
  assert.doesNotMatch(quiet.written.join(), /stack/);
  assert.match(quiet.written.join(), /"error.message":"a","error.cause":\{"message":"b"\}/);
  assert.match(loud.written.join(), /"error.stack_trace":"Error: a/);
});

/** A process of its own that logs a lot to a real pipe. */
function loggingProcess(t: TestContext, body: string) {
  const source = `
    import { createLogger } from ${JSON.stringify(new URL("./winston-logger.ts", import.meta.url).href)};
    const say = (value) => process.stderr.write(JSON.stringify(value) + "\\n");
    ${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  return { child, said: () => said };
}

const flood = `
  const logger = createLogger({ maxBuffered: 100_000 });
  const line = JSON.stringify({ filler: "x".repeat(200) });
  let worst = 0;
  for (let round = 0; round < 100; round += 1) {
    const start = performance.now();
    for (let at = 0; at < 200; at += 1) logger.line(line);
    worst = Math.max(worst, performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }`;

test("a reader that stalls neither blocks the process nor fills its memory, nor keeps it from ending", async (t) => {
  const { child, said } = loggingProcess(
    t,
    `${flood}
    say({ worst, dropped: logger.sinks[0].dropped, queued: process.stdout.writableLength });
    await logger.close();
    process.exit(0);`,
  );
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  const { worst, dropped, queued } = JSON.parse(said());
  assert.ok(worst < 500, `${worst} ms in one turn`);
  assert.ok(dropped > 10_000, `${dropped} of 20000 dropped`);
  assert.ok(queued <= 256 * 220, `${queued} in the stream`);
});

test("a reader that stalls and reads again gets whole lines, and is told how many it missed", async (t) => {
  const { child, said } = loggingProcess(
    t,
    `${flood}
    say("filled");
    await new Promise((resolve) => setTimeout(resolve, 600));
    await logger.close();
    say(logger.sinks[0].dropped);`,
  );
  await once(child.stderr, "data");
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  const dropped = Number(said().trim().split("\n").at(-1));
  const lines = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const reported = lines
    .filter(({ message }) => message === "log lines were dropped")
    .map((line) => Number(line.dropped));
  assert.equal(
    reported.reduce((sum, count) => sum + count, 0),
    dropped,
  );
  assert.equal(lines.length - reported.length + dropped, 20_000);
});

test("a reader that goes away does not end the process", async (t) => {
  const { child, said } = loggingProcess(t, `${flood}\n await logger.close(); say(logger.sinks[0].dropped > 0);`);
  child.stdout.destroy();
  const [code] = await once(child, "close");
  assert.deepEqual([code, said()], [0, "true\n"]);
});
