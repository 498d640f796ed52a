import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { createMeters, type Meters } from "@tandem/platform/telemetry/meters";

/** What a scrape shows of whatever watches with these meters. */
export async function scraped(
  t: TestContext,
  watch: (meters: Meters) => (() => void) | void,
): Promise<{ readonly text: string; readonly scrape: () => Promise<string> }> {
  const meters = createMeters({ service: "tandem", instance: "one" });
  const unwatch = watch(meters);
  const server = createServer((request, response) => meters.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    unwatch?.();
    server.close();
    await meters.shutdown();
  });
  const address = server.address();
  if (typeof address !== "object" || !address) throw new TypeError("the server listens on no port");
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${address.port}/metrics`)).text();
  return { text: await scrape(), scrape };
}
