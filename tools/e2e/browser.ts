import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

/** Where distributions put it. */
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A real Chromium of this machine, if there is one. */
export const installedBrowser = places.find((place) => existsSync(place));

/** Starts it; a name that is given leads to this machine, as an attacker's own DNS could say. */
export const openBrowser = (rebound: string): Promise<Browser> =>
  chromium.launch({
    ...(installedBrowser !== undefined && { executablePath: installedBrowser }),
    args: ["--no-sandbox", `--host-resolver-rules=MAP ${rebound} 127.0.0.1`],
  });

/** A page, and everything about it that should not have been. */
export interface WatchedPage {
  readonly page: Page;
  /** What it complained of, what its policy refused, and whom it asked beside its own origin. */
  readonly faults: string[];
  close(): Promise<void>;
}

/** Opens a page as a new visitor would, and watches it. */
export async function watchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()))
      faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(page.url(), request.url()).origin && page.url() !== "about:blank")
      faults.push(`asked ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy: ${event.violatedDirective}`),
    );
  });
  return { page, faults, close: () => context.close() };
}
