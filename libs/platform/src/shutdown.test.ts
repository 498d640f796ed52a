import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { spawn } from "node:child_process";
import test from "node:test";
import { createShutdown } from "./shutdown.ts";
import { fixedClock, keepingLogger } from "./testing.ts";

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
    this.emit("exited");
  }
}

function create(graceMs = 1000) {
  const signals = new FakeProcess();
  const logger = keepingLogger();
  const clock = fixedClock();
  return { signals, logger, clock, shutdown: createShutdown({ logger, graceMs, signals, clock }) };
}

test("phases close in their order, equal ones together, and the exit code is 0", async () => {
  const { signals, shutdown } = create();
  const steps: string[] = [];
  const add = (name: string, order: number): void =>
    shutdown.add(
      name,
      async () => {
        steps.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        steps.push(`${name} ends`);
      },
      { order },
    );
  add("log", 90);
  add("listener", 10);
  add("admin", 10);
  add("pool", 20);
  assert.equal(shutdown.isClosing, false);
  signals.emit("SIGTERM", "SIGTERM");
  assert.equal(shutdown.isClosing, true);
  await once(signals, "exited");
  assert.deepEqual(signals.exits, [0]);
  assert.deepEqual(steps, [
    "listener begins",
    "admin begins",
    "listener ends",
    "admin ends",
    "pool begins",
    "pool ends",
    "log begins",
    "log ends",
  ]);
});

test("the echo of a signal changes nothing, a second one ends the process at once", async () => {
  const { signals, shutdown, clock } = create(60_000);
  shutdown.add("patient", (deadline) => once(deadline, "abort").then(() => undefined), { order: 1 });
  signals.emit("SIGINT", "SIGINT");
  clock.advance(50);
  signals.emit("SIGTERM", "SIGTERM");
  assert.deepEqual(signals.exits, []);
  clock.advance(300);
  signals.emit("SIGINT", "SIGINT");
  assert.deepEqual(signals.exits, [130]);
  signals.emit("SIGTERM", "SIGTERM");
  assert.deepEqual(signals.exits, [130, 143]);
});

test("a part that hangs is told, and the others still close", async () => {
  const { signals, shutdown, logger } = create(0);
  let closed = false;
  shutdown.add("stuck", () => new Promise<void>(() => {}), { order: 1 });
  shutdown.add("log", () => void (closed = true), { order: 2 });
  const start = performance.now();
  assert.equal(await shutdown.run("test"), 1);
  assert.ok(performance.now() - start < 2000);
  assert.equal(closed, true);
  assert.deepEqual(signals.exits, [1]);
  assert.deepEqual(
    logger.lines.map(({ level, message, fields }) => [level, message, fields["part"]]),
    [
      ["info", "shutting down", undefined],
      ["warn", "a part did not close in time", "stuck"],
    ],
  );
});

test("a part that listens to its deadline breaks off in time", async () => {
  const { shutdown } = create(0);
  let reason = "";
  shutdown.add("drain", (deadline) => once(deadline, "abort").then(() => void (reason = "aborted")), { order: 1 });
  assert.equal(await shutdown.run("test"), 1);
  assert.equal(reason, "aborted");
});

for (const [name, close] of [
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no"))],
] as const) {
  test(`a part that ${name} is told, and the others still close`, async () => {
    const { shutdown, logger } = create();
    let closed = false;
    shutdown.add("broken", close, { order: 1 });
    shutdown.add("log", () => void (closed = true), { order: 2 });
    assert.equal(await shutdown.run("test"), 1);
    assert.equal(closed, true);
    assert.equal(logger.lines[1]?.level, "error");
  });
}

test("a failure's own exit code is kept, and running twice closes once", async () => {
  const { signals, shutdown } = create();
  let times = 0;
  shutdown.add("once", () => void (times += 1), { order: 1 });
  const codes = await Promise.all([shutdown.run("uncaught exception", 70), shutdown.run("again")]);
  assert.deepEqual([codes, signals.exits, times], [[70, 70], [70], 1]);
});

test("a real process ends by a real signal", async () => {
  const source = `
    import { createShutdown } from ${JSON.stringify(new URL("./shutdown.ts", import.meta.url).href)};
    import { silentLogger } from ${JSON.stringify(new URL("./log/silent-logger.ts", import.meta.url).href)};
    const timer = setInterval(() => {}, 1000);
    const shutdown = createShutdown({ logger: silentLogger, graceMs: 1000 });
    shutdown.add("timer", () => { clearInterval(timer); process.stdout.write("closed"); }, { order: 1 });
    process.stdout.write("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (text === "ready") child.kill("SIGTERM");
  });
  const [code] = await once(child, "close");
  assert.deepEqual([code, output], [0, "readyclosed"]);
});
