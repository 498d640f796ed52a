// What the page of the admin plane promises, in a real Chromium: `npm start` beside it, as a newcomer has it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { installedBrowser, openBrowser, watchedPage, type WatchedPage } from "./browser.ts";
import { ask, askRaw, bearer, tokenOf } from "./http.ts";
import { childOf, ours, root, type Program } from "./program.ts";
import { until } from "./until.ts";

const publicUrl = "https://localhost:8443";
const plane = "http://localhost:9081/";
const rebound = "rebound.example";

if (!installedBrowser) console.error("SKIPPED: the suite of the page, for want of a Chromium here");

describe("the page of the admin plane", { skip: !installedBrowser }, () => {
  let dev: Program;
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;

  before(async () => {
    dev = ours("apps/cli/src/main.ts", ["dev"], "npm start");
    await dev.says("Tandem is ready.", 60_000);
    browser = await openBrowser(rebound);
    const viewer = await tokenOf(publicUrl, "demo-viewer", "viewer-secret");
    const order = { method: "POST", headers: { ...bearer(viewer), "content-type": "application/json" }, body: "{}" };
    assert.equal((await ask(`${publicUrl}/catalog/items`)).status, 200);
    assert.equal((await ask(`${publicUrl}/orders`)).status, 401);
    assert.equal((await ask(`${publicUrl}/orders`, order)).status, 403);
    assert.equal((await ask(`${publicUrl}/nowhere`)).status, 404);
    watched = await watchedPage(browser);
    page = watched.page;
  });
  after(async () => {
    await browser?.close();
    await dev.end("SIGINT");
  });

  const row = (text: string): Locator => page.locator("#list button", { hasText: text }).first();
  const shows = (what: Locator) => what.waitFor({ state: "visible", timeout: 10_000 });

  test("the address on the first screen opens it, and the token leaves the address", async () => {
    await page.goto(addressOf(dev));
    for (const [status, target] of [
      ["200", "GET /catalog/items"],
      ["401", "GET /orders"],
      ["403", "POST /orders"],
      ["404", "GET /nowhere"],
    ] as const)
      await shows(page.locator("#list button", { hasText: target }).filter({ hasText: status }).first());
    assert.equal(page.url(), plane);
    assert.deepEqual(await page.locator("#planes li.well").allTextContents(), ["security-gateway", "routing-gateway"]);
    assert.equal(await page.evaluate(() => document.cookie), "");
  });

  test("a refusal opens as a waterfall over both tiers, with the decision and what was missed", async () => {
    await row("POST /orders").click();
    const details = page.locator("#details");
    await shows(details.getByText("security-gateway: POST"));
    await shows(details.getByText(/^routing-gateway: POST/));
    const text = await details.innerText();
    for (const said of [
      "403",
      "orders-write",
      "deny, by the rule scopes",
      "orders:write",
      "demo-viewer",
      "access.denied",
    ])
      assert.ok(text.includes(said), `${said} in ${text}`);
    const bars = details.locator(".bar");
    assert.ok((await bars.count()) >= 4);
    const [outer, inner] = await Promise.all([bars.first().boundingBox(), bars.nth(3).boundingBox()]);
    assert.ok(outer && inner && inner.width < outer.width && inner.x >= outer.x);
  });

  test("what comes while one looks appears, and the rate of its route moves", async () => {
    const rate = page.locator('#rates tr[data-route="catalog"] td').nth(2);
    await until(
      "the rate of catalog moves",
      async () => {
        await Promise.all(Array.from({ length: 5 }, () => ask(`${publicUrl}/catalog/items/lamp`)));
        return Number(await rate.textContent()) > 0;
      },
      { within: 20_000, every: 200 },
    );
    await shows(row("GET /catalog/items/lamp"));
  });

  test("pools show their instances and the evidence", async () => {
    const orders = page.locator("#pools article", { hasText: "orders" });
    await shows(orders.getByText("127.0.0.1:7201"));
    await shows(orders.getByText(/probe: status 200/).first());
    assert.equal(await page.locator("#pools article").count(), 4);
  });

  test("what strangers write stays text: markup, turned-round text, and very much of it", async () => {
    const hostile = "<img/src=x/onerror=alert(1)>";
    const head = (target: string, agent: string) =>
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${agent}\r\nConnection: close\r\n\r\n`;
    await askRaw(publicUrl, head(`/${hostile}`, "<script>alert(1)</script>"));
    await askRaw(publicUrl, head("/catalog/turned", "abc\u202e\u2066gnp.exe\u0085"));
    await askRaw(publicUrl, head(`/catalog/${"long".repeat(1_500)}`, "x".repeat(1_500)));
    for (const text of [hostile, "/catalog/turned", "/catalog/longlong"]) {
      await row(text).click();
      await page.locator("#details summary").click();
      await shows(page.locator("#details dl").last());
    }
    const found = await page.evaluate(() => ({
      made: document.querySelectorAll("#board :is(img, script, iframe, a)").length,
      turned: /[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/.test(document.body.innerText),
      wide: document.documentElement.scrollWidth > innerWidth,
    }));
    assert.deepEqual(found, { made: 0, turned: false, wide: false });
  });

  test("all of it can be done with keys, and everything that takes a key has a name", async () => {
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#details").isVisible(), false);
    assert.ok(await page.evaluate(() => document.activeElement?.closest("#list")), "focus is where it came from");
    await page.locator("#pause").focus();
    for (const id of ["outcome", "filter"]) {
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement?.id), id);
    }
    await page.keyboard.type("nowhere");
    await until("the list is narrowed", async () => (await page.locator("#list li").count()) === 1, { within: 5_000 });
    await page.locator("#filter").fill("");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await shows(page.locator("#details"));
    assert.equal(await page.evaluate(() => document.activeElement?.id), "details");
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button, input, select, [tabindex='0'], section, article, table")]
        .filter((one) => one.offsetParent !== null)
        .filter((one) => {
          const labels = one instanceof HTMLInputElement || one instanceof HTMLSelectElement ? one.labels : undefined;
          const by = document.getElementById(one.getAttribute("aria-labelledby") ?? "");
          return !(
            labels?.length ||
            by?.textContent ||
            one.getAttribute("aria-label") ||
            one.matches("button:not(:empty)")
          );
        })
        .map((one) => one.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(nameless, []);
  });

  test("a tier that hangs is said to within seconds, while the other goes on", async () => {
    const routing = childOf(dev, "routing-gateway");
    process.kill(routing, "SIGSTOP");
    try {
      await shows(page.locator("#planes li.ill", { hasText: "does not answer within 800 ms" }));
      assert.equal((await ask(`${publicUrl}/.well-known/jwks.json`)).status, 200);
      await shows(row("/.well-known/jwks.json"));
    } finally {
      process.kill(routing, "SIGCONT");
    }
    await shows(page.locator("#planes li.well", { hasText: "routing-gateway" }));
  });

  test("a thousand requests are two hundred rows", async () => {
    for (let round = 0; round < 50; round++)
      await Promise.all(Array.from({ length: 20 }, () => ask(`${publicUrl}/catalog/items`)));
    await shows(page.locator("#count", { hasText: /the latest 200 of \d{3,4}/ }));
    assert.equal(await page.locator("#list li").count(), 200);
  });

  test("a page that is held still asks nothing, however long, and goes on when it is let go", async (t) => {
    const still = await watchedPage(browser);
    t.after(() => still.close());
    await still.page.clock.install();
    await still.page.goto(addressOf(dev));
    await shows(still.page.locator("#list button").first());
    await still.page.locator("#pause").click();
    await still.page.waitForLoadState("networkidle");
    let asked = 0;
    still.page.on("request", () => asked++);
    await still.page.clock.runFor(60_000);
    assert.equal(asked, 0);
    await still.page.locator("#pause").click();
    await until("it asks again", () => asked > 0, { within: 5_000 });
  });

  test("it complained of nothing, broke no policy, and asked nobody else", () => {
    assert.deepEqual(
      // A browser says of every 404 that it came; a tier that a request never reached has no spans of it.
      watched.faults.filter((fault) => !/404 .*\/traces\/|502 .*\/beside\//.test(fault)),
      [],
    );
  });

  test("a wrong token is asked for anew, and the right one opens", async (t) => {
    const other = await watchedPage(browser, { viewport: { width: 400, height: 800 } });
    t.after(() => other.close());
    await other.page.goto(`${plane}#token=wrong`);
    await shows(other.page.getByText("This token is not accepted."));
    assert.equal(await other.page.locator("#board").isVisible(), false);
    assert.equal(await other.page.evaluate(() => document.activeElement?.id), "token");
    await other.page.keyboard.type(readFileSync(`${root}/.tandem/admin-token`, "utf8").trim());
    await other.page.keyboard.press("Enter");
    await shows(other.page.locator("#list button").first());
    await other.page.locator("#list button").first().click();
    await shows(other.page.locator("#details .bar").first());
    assert.ok(await other.page.evaluate(() => document.documentElement.scrollWidth <= 400), "nothing is cut off");
    assert.deepEqual(
      other.faults.filter((fault) => !/40[14] /.test(fault)),
      [],
    );
  });

  test("pages of others come to nothing: not by asking, not in a frame, not under a name of their own", async (t) => {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(`<iframe src="${plane}"></iframe>`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const other = await watchedPage(browser);
    t.after(() => other.close());
    await other.page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const token = readFileSync(`${root}/.tandem/admin-token`, "utf8").trim();
    const read = await other.page.evaluate(
      async ([url, secret]) => {
        const headers = { authorization: `Bearer ${secret}` };
        return fetch(`${url}requests`, { headers }).then(
          (answer) => `read ${answer.status}`,
          () => "refused",
        );
      },
      [plane, token] as const,
    );
    assert.equal(read, "refused");
    assert.ok(!(await other.page.frames()[1]?.content())?.includes("Admin token"));
    const answer = await other.page.goto(`http://${rebound}:9081/`);
    assert.equal(answer?.status(), 403);
  });
});

/** The page with its token, as the first screen prints it. */
const addressOf = ({ output }: Program): string => /http:\/\/localhost:9081\/#token=\S+/.exec(output)?.[0] ?? "";
