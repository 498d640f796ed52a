import assert from "node:assert/strict";
import { test } from "node:test";
import { banner } from "./banner.ts";

const running = {
  publicUrl: "https://localhost:8443",
  routingUrl: "http://localhost:8081",
  admin: { security: "http://localhost:9081", routing: "http://localhost:9082" },
  pageUrl: "http://localhost:9081/#token=ADMIN",
  tokenFile: ".tandem/admin-token",
  tokens: { app: "APP.TOKEN.X", viewer: "VIEWER.TOKEN.Y" },
};

test("the demo's API key is shown in a command, where there is one", () => {
  const command = 'curl -k -H "X-API-Key: tdm_demo_x" https://localhost:8443/orders\n';
  assert.ok(banner({ ...running, apiKey: "tdm_demo_x" }).includes(command));
  assert.doesNotMatch(banner(running), /X-API-Key|undefined/);
});

test("without an admin token there is no page to look at", () => {
  assert.doesNotMatch(banner({ ...running, pageUrl: undefined }), /see it live|undefined/);
});

test("the first screen names every address and carries live tokens", () => {
  const text = banner(running);
  for (const part of [
    "see it live     http://localhost:9081/#token=ADMIN\n",
    "TOKEN=APP.TOKEN.X",
    "VIEWER=VIEWER.TOKEN.Y",
    "curl -k https://localhost:8443/catalog/items",
    ".tandem/admin-token",
  ])
    assert.ok(text.includes(part), part);
});
