import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { connect } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { startOtlpReceiver, type OtlpReceiver } from "../telemetry/testing.ts";
import { directoryWith, until } from "../testing.ts";
import type { LogOptions } from "./config.ts";
import { createLogger, type ProcessLogger } from "./winston-logger.ts";

/** A reader that reads, until it is told to stall. */
function reader({ isTTY = false } = {}) {
  let text = "";
  let isStalled = false;
  const waiting: (() => void)[] = [];
  return {
    isTTY,
    write(more: string, done: () => void) {
      text += more;
      if (isStalled) waiting.push(done);
      else queueMicrotask(done);
    },
    on() {},
    text: () => text,
    stall: () => void (isStalled = true),
    read() {
      isStalled = false;
      for (const done of waiting.splice(0)) done();
    },
  };
}

interface Opened {
  readonly logger: ProcessLogger;
  readonly stdout: ReturnType<typeof reader>;
  readonly directory: string;
  readonly path: string;
  readonly collector: OtlpReceiver;
  readonly figures: (name: string) => { written: number; dropped: number };
}

const sinkNames = ["stdout", "otlp", "file"];
const files = (directory: string): NonNullable<LogOptions["file"]> => ({ directory, size: 1_048_576, keep: 3 });

async function open(t: TestContext, { isTTY = false, maxBuffered = 8_388_608 } = {}): Promise<Opened> {
  const directory = join(directoryWith(t, {}), "logs");
  const collector = await startOtlpReceiver();
  t.after(() => collector.close());
  const stdout = reader({ isTTY });
  const logger = createLogger({
    service: "routing-gateway",
    instance: "one",
    version: "1.2.3",
    stdout,
    maxBuffered,
    file: files(directory),
    otlp: `${collector.url}/v1/logs`,
  });
  t.after(() => logger.close());
  const figures: Opened["figures"] = (name) => {
    const found = logger.sinks.find((sink) => sink.name === name);
    assert.ok(found);
    return { written: found.written, dropped: found.dropped };
  };
  return { logger, stdout, directory, path: join(directory, "routing-gateway.log"), collector, figures };
}

const linesOf = (path: string): string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);
const bodies = ({ collector }: Opened): string[] => collector.logs.map(({ body }) => String(body));
/** What sinks said of themselves, in the file or at the collector. */
const said = (lines: readonly string[]): string[] =>
  lines
    .map((line): Record<string, string | undefined> => JSON.parse(line))
    .filter((line) => line["sink"] !== undefined)
    .map((line) => [line["log.level"], line["sink"], line["reason"]].filter((word) => word !== undefined).join(" "));

test("every line is in every sink, and a terminal alone has it readable", async (t) => {
  const opened = await open(t, { isTTY: true });
  const { logger, stdout, path, figures } = opened;
  logger.info("hello", { a: 1 });
  const finished = Array.from({ length: 600 }, (_, at) => `{"message":"GET /${at}","event.dataset":"tandem.request"}`);
  for (const line of finished) logger.line(line);
  await logger.close();
  assert.deepEqual(linesOf(path).slice(1), finished);
  assert.deepEqual(bodies(opened), linesOf(path));
  assert.match(stdout.text(), /hello.*a=.*\n.*GET \/0\n.*GET \/1\n/);
  assert.doesNotMatch(stdout.text(), /\{/);
  assert.equal(JSON.parse(linesOf(path)[0] ?? "")["service.node.name"], "one");
  assert.equal(collectorService(opened), "routing-gateway one 1.2.3");
  for (const name of sinkNames) assert.deepEqual(figures(name), { written: 601, dropped: 0 });
});
const collectorService = ({ collector }: Opened): string => Object.values(collector.logs[0]?.resource ?? {}).join(" ");

test("a reader that stalls costs the other sinks nothing, and they are told", async (t) => {
  const opened = await open(t, { maxBuffered: 60_000 });
  const { logger, stdout, path, figures } = opened;
  stdout.stall();
  const line = JSON.stringify({ filler: "x".repeat(100) });
  for (let round = 0; round < 5; round += 1) {
    for (let at = 0; at < 256; at += 1) logger.line(line);
    await until("the file has them", () => figures("file").written >= 256 * (round + 1));
  }
  await until("the collector has them", () => figures("otlp").written >= 1280);
  assert.ok(figures("stdout").dropped >= 512);
  assert.deepEqual([figures("file").dropped, figures("otlp").dropped], [0, 0]);
  stdout.read();
  logger.info("next");
  await until("the file knows that it is over", () => said(linesOf(path)).length === 2);
  assert.deepEqual(said(linesOf(path)), ["warn stdout it takes lines more slowly than they come", "info stdout"]);
  await logger.close();
  assert.deepEqual(said(bodies(opened)), said(linesOf(path)));
  assert.match(stdout.text(), /"message":"log lines were dropped".*"dropped":\d+/);
});

test(
  "a disk that is full costs the other sinks nothing, and they are told once",
  { skip: !existsSync("/dev/full") },
  async (t) => {
    const opened = await open(t);
    const { logger, stdout, path, figures } = opened;
    symlinkSync("/dev/full", path);
    for (let at = 1; at <= 3; at += 1) {
      logger.info("lost", { at });
      await until("the file has failed", () => figures("file").dropped === at);
    }
    rmSync(path);
    logger.info("kept");
    await until("the file is written again", () => figures("file").written === 1);
    await logger.close();
    const file = linesOf(path).map((line) => JSON.parse(line));
    assert.deepEqual(
      file.map(({ message, dropped }) => [message, dropped]),
      [
        ["log lines were dropped", 3],
        ["kept", undefined],
      ],
    );
    for (const lines of [stdout.text().trimEnd().split("\n"), bodies(opened)])
      assert.deepEqual(said(lines), ["warn file ENOSPC", "info file"]);
    assert.equal(figures("otlp").dropped, 0);
  },
);

for (const behaviour of ["silent", 429, 400, 500, "garbage"] as const) {
  test(`a central log that answers ${behaviour} costs the other sinks nothing, and the end waits for it a second`, async (t) => {
    const opened = await open(t);
    const { logger, stdout, path, collector, figures } = opened;
    collector.behave(behaviour);
    for (let at = 0; at < 100; at += 1) logger.info("line", { at });
    await until("the others have them", () => figures("file").written >= 100 && figures("stdout").written >= 100);
    const began = performance.now();
    await logger.close();
    assert.ok(performance.now() - began < 4000);
    assert.ok(figures("otlp").dropped >= 100, String(figures("otlp").dropped));
    assert.match(said(linesOf(path))[0] ?? "", /^warn otlp/);
    assert.deepEqual(said(stdout.text().trimEnd().split("\n")), said(linesOf(path)));
  });
}

test("a central log that is back is told how many lines it missed", async (t) => {
  const opened = await open(t);
  const { logger, collector, path, figures } = opened;
  collector.behave(400);
  logger.info("lost");
  await until("it has failed", () => figures("otlp").dropped === 1);
  collector.behave(200);
  logger.info("kept");
  await until("it knows", () => bodies(opened).some((line) => line.includes("log lines were dropped")));
  const told = bodies(opened).map((line) => JSON.parse(line));
  assert.equal(told.find(({ message }) => message === "log lines were dropped")["dropped"], 1);
  await until("the file knows", () => said(linesOf(path)).length === 2);
  assert.deepEqual(said(linesOf(path)), ["warn otlp 400 Bad Request", "info otlp"]);
});

test("two loggers of one service have a file each, and say so", async (t) => {
  const { directory, logger } = await open(t);
  const stdout = reader();
  const other = createLogger({ service: "routing-gateway", instance: "two", stdout, file: files(directory) });
  logger.info("of the first");
  other.info("of the other");
  await other.close();
  await logger.close();
  assert.match(stdout.text(), new RegExp(`another process has this log file.*"heldBy":"${hostname()}-${process.pid}"`));
  assert.deepEqual(readdirSync(directory).toSorted(), ["routing-gateway.log", "routing-gateway.two.log"]);
  assert.match(linesOf(join(directory, "routing-gateway.two.log")).join("\n"), /of the other/);
  assert.doesNotMatch(readFileSync(join(directory, "routing-gateway.log"), "utf8"), /of the other/);
});

test("a directory that was taken away after the check costs lines, never the process", async (t) => {
  const directory = directoryWith(t, { logs: "a file" });
  const stdout = reader();
  const logger = createLogger({ service: "a", stdout, file: files(join(directory, "logs")) });
  logger.info("lost");
  await until("it has failed", () => logger.sinks.some(({ name, dropped }) => name === "file" && dropped === 1));
  rmSync(join(directory, "logs"));
  mkdirSync(join(directory, "logs"));
  logger.info("kept");
  await until("it is there", () => existsSync(join(directory, "logs", "a.log")));
  await logger.close();
  assert.match(stdout.text(), /"sink":"file","dropped":1,"reason":"ENOTDIR"/);
});

test("lines of many sinks cost the caller no wait", async (t) => {
  const { logger, stdout, collector } = await open(t);
  stdout.stall();
  collector.behave("silent");
  const line = JSON.stringify({ filler: "x".repeat(900) });
  const began = performance.now();
  for (let at = 0; at < 20_000; at += 1) logger.line(line);
  assert.ok(performance.now() - began < 2000);
  connect(collector.port, "127.0.0.1")
    .on("error", () => {})
    .destroy();
});
