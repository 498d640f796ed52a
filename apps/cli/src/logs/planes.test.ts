import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { listening } from "../listening.testing.ts";
import { planesAt } from "./planes.ts";
import { fieldOf } from "./question.ts";

const question = { conditions: [], since: 0, limit: 10 };
const tokenIn = (t: TestContext): string => join(directoryWith(t, { token: "the-token\n" }), "token");
const at = (second: number, more = {}) => ({ "@timestamp": `2027-01-01T00:00:0${second}.000Z`, ...more });

/** The admin plane of a tier that keeps these lines. */
const plane = (t: TestContext, requests: unknown) =>
  listening(t, (request, response) => {
    const known = request.url === "/requests?limit=9999" && request.headers.authorization === "Bearer the-token";
    response.writeHead(known ? 200 : 401).end(JSON.stringify({ service: "x", instance: "y", requests }));
  });

test("the lines of all planes are one log, in order of time", async (t) => {
  const admin = [await plane(t, [at(3), at(1)]), await plane(t, [at(2)])];
  const lines = await planesAt({ admin, tokenFile: tokenIn(t) }).read(question);
  assert.deepEqual(
    lines.map(({ fields }) => fields),
    [at(1), at(2), at(3)],
  );
});

test("what does not meet the conditions is left out, and then there are as many of the latest as are wanted", async (t) => {
  const admin = [
    await plane(
      t,
      [1, 2, 3, 4].map((second) => at(second, { "user.id": second === 4 ? "bob" : "ann" })),
    ),
  ];
  const lines = await planesAt({ admin, tokenFile: tokenIn(t) }).read({
    conditions: [{ field: fieldOf.principal, value: "ann" }],
    since: 0,
    limit: 2,
  });
  assert.deepEqual(
    lines.map(({ fields }) => fields["@timestamp"]),
    [at(2), at(3)].map((line) => line["@timestamp"]),
  );
});

test("what began long ago counts when it ended", async (t) => {
  const admin = [await plane(t, [at(1, { "event.duration": 3_000_000_000 }), at(2)])];
  const since = Date.parse("2027-01-01T00:00:03.500Z");
  const lines = await planesAt({ admin, tokenFile: tokenIn(t) }).read({ ...question, since });
  assert.deepEqual(
    lines.map(({ fields }) => fields["@timestamp"]),
    [at(1)["@timestamp"]],
  );
});

test("connections are in no tier's memory, which is said before anybody is asked", async () => {
  const conditions = [{ field: fieldOf.dataset, value: "tandem.connection" }];
  const source = planesAt({ admin: ["http://127.0.0.1:1"], tokenFile: "/nowhere" });
  await assert.rejects(source.read({ ...question, conditions }), /lines of requests alone; --loki asks a central log/);
});

for (const requests of [undefined, "x", [1], [null]])
  test(`a plane that has ${JSON.stringify(requests)} for requests is an error that names it`, async (t) => {
    const good = await plane(t, [at(1)]);
    const bad = await plane(t, requests);
    const failure = planesAt({ admin: [good, bad], tokenFile: tokenIn(t) }).read(question);
    await assert.rejects(failure, ({ message }: Error) => message.startsWith(`${bad} has no log of requests`));
  });
