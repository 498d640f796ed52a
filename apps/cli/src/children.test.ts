import assert from "node:assert/strict";
import { test } from "node:test";
import { Children } from "./children.ts";

const waiting = ["-e", "setInterval(() => {}, 1000)"];

test("a child that ends by itself is reported with its exit code", async () => {
  const loss = await new Promise<string>((resolve) => {
    const children = new Children((name, why) => resolve(`${name} ${why}`));
    children.start({ name: "demo", args: ["-e", "process.exit(3)"] });
  });
  assert.equal(loss, "demo ended with exit code 3");
});

test("closing ends every child and reports none of them as lost", async () => {
  const lost: string[] = [];
  const children = new Children((name) => lost.push(name));
  children.start({ name: "a", args: waiting });
  children.start({ name: "b", args: waiting });
  await children.close();
  assert.deepEqual(lost, []);
});
