import { createLogger } from "@tandem/platform/log/winston-logger";
import { createShutdown } from "@tandem/platform/shutdown";
import { help, parseOptions, UsageError, type DemoOptions } from "./options.ts";
import { startDemo } from "./start-demo.ts";

/** Less than what Compose waits before it kills. */
const graceMs = 10_000;

async function run(options: DemoOptions): Promise<void> {
  const logger = createLogger({ service: "demo" });
  const shutdown = createShutdown({ logger, graceMs });
  shutdown.add("log", () => logger.close(), { order: 90 });
  // Started by `tandem dev`, the services do not outlive it.
  process.once("disconnect", () => void shutdown.run("the parent process is gone"));
  try {
    const servers = await startDemo(options, { logger, shutdown });
    logger.info("the demo services listen", { ports: servers.map(({ instance, port }) => `${instance}:${port}`) });
  } catch (error) {
    logger.error("the demo services cannot start", { error });
    await shutdown.run("failed to start", 1);
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === "help") process.stdout.write(help);
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`demo: ${error.message}\nSee --help.\n`);
  process.exitCode = 2;
}
