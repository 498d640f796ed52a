import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createAdmin } from "@tandem/kernel/admin/admin";
import { adminSchema } from "@tandem/kernel/admin/config";
import { createReadiness } from "@tandem/kernel/admin/readiness";
import { Secret } from "@tandem/platform/config/secret";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { pageSections } from "./page-sections.ts";

/** Serves the page, and one thing behind the token; gives what asks them. */
async function plane(t: TestContext) {
  const admin = createAdmin({
    config: { ...adminSchema({ port: 0 }).parse(undefined), token: new Secret("a-token-for-the-tests") },
    readiness: createReadiness({}),
    metrics: (_, response) => void response.end(),
    view: () => ({}),
    sections: [{ path: "/requests", handler: (_, response) => void response.json({}) }, ...pageSections()],
    requestId: () => "request-1",
    logger: silentLogger,
  });
  const { port } = await admin.listen();
  t.after(() => admin.close());
  return async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return {
      status: answer.status,
      type: answer.headers.get("content-type"),
      headers: answer.headers,
      text: await answer.text(),
    };
  };
}

test("the page is for anyone who reaches the plane, and what it would show is not", async (t) => {
  const get = await plane(t);
  assert.equal((await get("/")).status, 200);
  assert.equal((await get("/requests")).status, 401);
  for (const path of [
    "/observe/page/page-sections.ts",
    "/observe/page/",
    "/observe/page/..%2fobserved.ts",
    "/platform/log/winston-logger.ts",
  ])
    assert.equal((await get(path)).status, 401, path);
});

test("pages of others and a name that was rebound to us get not even the page", async (t) => {
  const get = await plane(t);
  for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }] as Record<
    string,
    string
  >[])
    assert.equal((await get("/observe/page/main.ts", headers)).status, 403);
});

test("everything that the page loads is served, and everything that is served is loaded", async (t) => {
  const get = await plane(t);
  const loaded = new Set<string>();
  const load = async (path: string): Promise<void> => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const { status, type, text } = await get(path);
    assert.equal(status, 200, path);
    if (!path.endsWith(".ts")) return;
    assert.equal(type, "text/javascript; charset=utf-8");
    assert.doesNotMatch(text, /"@tandem/);
    for (const [, specifier] of text.matchAll(/^import .*? from "(.+)";$/gm)) {
      assert.match(specifier!, /^[./]/);
      await load(new URL(specifier!, `http://plane${path}`).pathname);
    }
  };
  const { text } = await get("/");
  for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) await load(path!);
  const served = pageSections().map(({ path }) => path);
  assert.deepEqual([...loaded, "/"].toSorted(), served.toSorted());
});

test("nothing runs but our own files, nothing is kept, and nobody may frame the page", async (t) => {
  const get = await plane(t);
  for (const { path } of pageSections()) {
    const { headers } = await get(path);
    const policy = headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "trusted-types 'none'"])
      assert.ok(policy.includes(part), path);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("set-cookie"), null);
  }
  assert.doesNotMatch((await get("/")).text, /style=|<style|<script(?! type="module" src="\/observe)|\son\w+=|https?:/);
});

test("no script of the page makes markup of text", async (t) => {
  const get = await plane(t);
  for (const { path } of pageSections())
    assert.doesNotMatch((await get(path)).text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/);
});
