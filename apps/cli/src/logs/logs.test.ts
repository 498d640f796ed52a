import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { listening } from "../listening.testing.ts";

const main = join(import.meta.dirname, "../main.ts");
const { TANDEM_LOKI: _, ...bare } = process.env;

const tandem = (args: readonly string[], env = {}) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, "logs", ...args], { env: { ...bare, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

const hello = JSON.stringify({ "@timestamp": "1970-01-01T00:00:00.001Z", message: "hello", "user.id": "ann" });
const lokiAnswer = (values: readonly [string, string][]) =>
  JSON.stringify({ data: { resultType: "streams", result: [{ stream: {}, values }] } });

test("the central log is asked where the environment or an option names it, and who was asked is said", async (t) => {
  const queries: string[] = [];
  const loki = await listening(t, (request, response) => {
    queries.push(new URL(request.url ?? "", "http://x").searchParams.get("query") ?? "");
    response.end(lokiAnswer([["1000000", hello]]));
  });
  const named = await tandem(["--principal", "ann", "--loki", loki, "--json"]);
  assert.deepEqual([named.code, named.stderr], [0, `asking Loki at ${loki}\n`]);
  assert.deepEqual(JSON.parse(named.stdout), JSON.parse(hello));
  const found = await tandem(["--dataset", "connection"], { TANDEM_LOKI: loki });
  assert.match(found.stdout, /^1970-01-01T00:00:00\.001Z +hello {2}by ann\n$/);
  assert.deepEqual(
    queries.map((query) => query.replace(/^.*?\} \| /, "")),
    ['user_id="ann"', 'event_dataset="tandem.connection"'],
  );
});

test("the admin planes are asked where nobody names a central log", async (t) => {
  const requests = [{ "@timestamp": new Date().toISOString(), message: "GET / 200", "user.id": "ann" }];
  const admin = await listening(t, (_request, response) => response.end(JSON.stringify({ requests })));
  const where = ["--admin", admin, "--token-file", join(directoryWith(t, { token: "x" }), "token")];
  const { code, stdout, stderr } = await tandem(["--principal", "ann", ...where]);
  assert.deepEqual([code, stderr], [0, `asking the memory of ${admin}\n`]);
  assert.match(stdout, / GET \/ 200 {2}by ann\n$/);
});

test("lines stand in the order in which what they tell of began", async (t) => {
  const began = (second: number) => JSON.stringify({ "@timestamp": `2027-01-01T00:00:0${second}.000Z`, message: "x" });
  const loki = await listening(t, (_request, response) =>
    response.end(
      lokiAnswer([
        ["1000000", began(2)],
        ["2000000", began(1)],
      ]),
    ),
  );
  const { stdout } = await tandem(["--loki", loki]);
  assert.match(stdout, /^2027-01-01T00:00:01[^\n]*\n2027-01-01T00:00:02/);
});

test("nothing found is told, and so is that there may be more; exit codes 1 and 0", async (t) => {
  const nothing = await listening(t, (_request, response) => response.end(lokiAnswer([])));
  const lost = await tandem(["--loki", nothing]);
  assert.deepEqual([lost.code, lost.stdout], [1, ""]);
  assert.match(lost.stderr, /\nno line is like that; /);
  const much = await listening(t, (_request, response) =>
    response.end(
      lokiAnswer([
        ["1", "a"],
        ["2", "b"],
      ]),
    ),
  );
  const cut = await tandem(["--loki", much, "--limit", "2"]);
  assert.equal(cut.code, 0);
  assert.match(cut.stderr, /\nthese are the latest 2: there may be more/);
});

test("what goes on is followed line by line", async (t) => {
  let asked = 0;
  const loki = await listening(t, (_request, response) => {
    asked++;
    response.end(lokiAnswer(asked === 1 ? [] : [["1000000", `line ${asked}`]]));
  });
  const child = spawn(process.execPath, [main, "logs", "--follow", "--loki", loki], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.after(() => child.kill());
  let text = "";
  for await (const chunk of child.stdout) if (/line 2[^]*line 3/.test((text += String(chunk)))) break;
  child.kill("SIGINT");
  await once(child, "exit");
});

const misused: { args: string[]; says: RegExp }[] = [
  { args: ["--trace", "abc"], says: /32 hexadecimal digits/ },
  { args: ["--status", "600"], says: /a status such as 403, or a class/ },
  { args: ["--dataset", "audit"], says: /Allowed choices are request, connection, process/ },
  { args: ["--tier", "third"], says: /Allowed choices are security, routing/ },
  { args: ["--since", "yesterday"], says: /a time ago such as 1h/ },
  { args: ["--limit", "0"], says: /a number from 1 to 5000/ },
  { args: ["--follow", "--until", "1h"], says: /cannot be used with option '--until/ },
  { args: ["--loki", "loki:3100"], says: /an address such as/ },
  { args: ["--loki", "http://me:hunter2@loki:3100"], says: /no user and no password/ },
];
for (const { args, says } of misused)
  test(`"tandem logs ${args.join(" ")}" is misuse: exit code 2, and why`, async () => {
    const { code, stderr } = await tandem(args);
    assert.equal(code, 2);
    assert.match(stderr, says);
    assert.doesNotMatch(stderr, /hunter2/);
  });
