import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { directoryWith } from "../testing.ts";
import { RotatingFile } from "./rotating-file.ts";

function fileIn(t: TestContext, options: { size: number; keep: number }, files: Record<string, string> = {}) {
  const directory = directoryWith(t, files);
  const path = join(directory, "a.log");
  const file = new RotatingFile(path, options);
  t.after(() => file.close());
  return {
    directory,
    path,
    write: (text: string): Promise<string | undefined> =>
      new Promise((resolve) =>
        file.write(text, (error) => resolve(error ? String(Reflect.get(error, "code") ?? error.message) : undefined)),
      ),
    read: (name = "a.log") => readFileSync(join(directory, name), "utf8"),
    names: () => readdirSync(directory).toSorted(),
  };
}

test("many lines in small files come back whole and in order", async (t) => {
  const { write, read, names } = fileIn(t, { size: 1000, keep: 100 });
  const lines = Array.from({ length: 1000 }, (_, at) => `{"n":${at},"filler":"${"ü".repeat(at % 30)}"}`);
  for (let at = 0; at < lines.length; at += 37) await write(`${lines.slice(at, at + 37).join("\n")}\n`);
  const inOrder = names().toSorted((one, other) => numberOf(other) - numberOf(one));
  assert.ok(inOrder.length > 20 && inOrder.length < 100, String(inOrder.length));
  assert.deepEqual(inOrder.map((name) => read(name)).join(""), `${lines.join("\n")}\n`);
  for (const name of inOrder) {
    assert.ok(Buffer.byteLength(read(name)) <= 1000);
    assert.ok(read(name).endsWith("\n"));
  }
});
const numberOf = (name: string): number => (name === "a.log" ? 0 : Number(name.split(".").at(-1)));

test("only so many are kept, the oldest goes first", async (t) => {
  const { write, read, names } = fileIn(t, { size: 4, keep: 2 });
  for (const line of ["1\n", "2\n", "3\n", "4\n", "5\n"]) await write(`${line}${line}`);
  assert.deepEqual(names(), ["a.log", "a.log.1", "a.log.2"]);
  assert.deepEqual([read("a.log.2"), read("a.log.1"), read()], ["3\n3\n", "4\n4\n", "5\n5\n"]);
});

test("a line that is longer than a file has one to itself", async (t) => {
  const { write, read } = fileIn(t, { size: 10, keep: 5 });
  await write(`a\n${"b".repeat(50)}\nc\n`);
  assert.deepEqual([read("a.log.2"), read("a.log.1"), read()], ["a\n", `${"b".repeat(50)}\n`, "c\n"]);
});

test("what an earlier process wrote counts, and stays", async (t) => {
  const { write, read } = fileIn(t, { size: 10, keep: 1 }, { "a.log": "12345678\n" });
  await write("9\n");
  assert.deepEqual([read("a.log.1"), read()], ["12345678\n", "9\n"]);
});

const meddling: { name: string; meddle: (path: string) => void; expected: Record<string, string> }[] = [
  { name: "deleted", meddle: (path) => rmSync(path), expected: { "a.log": "b\n" } },
  {
    name: "moved (logrotate)",
    meddle: (path) => renameSync(path, `${path}.old`),
    expected: { "a.log": "b\n", "a.log.old": "a\n" },
  },
  {
    name: "copied and truncated (logrotate with copytruncate)",
    meddle(path) {
      copyFileSync(path, `${path}.copy`);
      truncateSync(path);
    },
    expected: { "a.log": "b\n", "a.log.copy": "a\n" },
  },
];
for (const { name, meddle, expected } of meddling) {
  test(`a file that was ${name} is begun anew, and no line is lost`, async (t) => {
    const { path, write, read, names } = fileIn(t, { size: 100, keep: 1 });
    await write("a\n");
    meddle(path);
    assert.equal(await write("b\n"), undefined);
    assert.deepEqual(Object.fromEntries(names().map((one) => [one, read(one)])), expected);
  });
}

test(
  "a disk that is full says so, and takes lines again once there is room",
  { skip: !existsSync("/dev/full") },
  async (t) => {
    const { path, write, read } = fileIn(t, { size: 100, keep: 1 });
    symlinkSync("/dev/full", path);
    assert.equal(await write("lost\n"), "ENOSPC");
    assert.equal(await write("lost\n"), "ENOSPC");
    rmSync(path);
    assert.equal(await write("kept\n"), undefined);
    assert.equal(read(), "kept\n");
  },
);

test("a file that cannot be put aside is an error that repeats without moving anything else", async (t) => {
  const { path, directory, write, read, names } = fileIn(t, { size: 2, keep: 3 });
  for (const line of ["1\n", "2\n"]) await write(line);
  mkdirSync(join(directory, "a.log.2"));
  mkdirSync(join(directory, "a.log.2", "x"));
  mkdirSync(join(directory, "a.log.3"));
  mkdirSync(join(directory, "a.log.3", "x"));
  for (let attempt = 0; attempt < 3; attempt += 1) assert.ok(await write("3\n"));
  assert.deepEqual([names(), read("a.log.1"), read()], [["a.log", "a.log.1", "a.log.2", "a.log.3"], "1\n", "2\n"]);
  rmSync(join(directory, "a.log.3"), { recursive: true });
  assert.equal(await write("3\n"), undefined);
  assert.equal(readFileSync(path, "utf8"), "3\n");
});

test("a write that breaks off in the middle of a line leaves whole lines behind", async (t) => {
  const directory = directoryWith(t, {});
  const path = join(directory, "a.log");
  // The shell's limit for files is 8 KiB: the kernel then takes part of a write, as it does when a disk is full.
  const source = `
    import { RotatingFile } from ${JSON.stringify(new URL("./rotating-file.ts", import.meta.url).href)};
    process.on("SIGXFSZ", () => {});
    const file = new RotatingFile(${JSON.stringify(path)}, { size: 1e6, keep: 1 });
    const write = (text) => new Promise((resolve) => file.write(text, (error) => resolve(error?.code ?? "ok")));
    const line = "x".repeat(2999) + "\\n";
    console.log(await write(line), await write(line), await write(line + line), await write("short\\n"));`;
  const child = spawn("bash", ["-c", 'ulimit -f 8; exec "$0" --input-type=module -e "$1"', process.execPath, source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (data: Buffer) => (said += String(data)));
  await once(child, "close");
  assert.equal(said, "ok ok EFBIG ok\n");
  const line = `${"x".repeat(2999)}\n`;
  assert.equal(readFileSync(path, "utf8"), `${line}${line}short\n`);
});
