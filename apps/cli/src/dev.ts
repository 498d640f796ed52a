import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import type { RoutingConfig, SecurityConfig } from "@tandem/tiers/config";
import { loadRouting, loadSecurity } from "@tandem/tiers/load";
import { Command } from "commander";
import { Agent, request } from "undici";
import { banner } from "./banner.ts";
import { demoKeyFiles } from "./demo-api-key.ts";
import { Children } from "./children.ts";
import { initKeys } from "./keys-init.ts";
import { takenPorts, type Need } from "./ports.ts";

const root = resolve(import.meta.dirname, "../../..");
const folder = resolve(root, ".tandem");
const standardFile = resolve(root, "deploy/local/tandem.yaml");
const demoPorts = [7101, 7102, 7201, 7202, 7301, 7302];
/** How long everything may take to become ready on a slow machine. */
const patience = 30_000;

/** Why it cannot start, a line each. */
class CannotStart extends Error {}

/** `tandem dev`: both tiers and the demo services as processes of their own, until Ctrl-C. */
export function devCommand(): Command {
  return new Command("dev")
    .description("run both tiers and the demo services on this machine, without Docker (npm start)")
    .option("--config <file>", "the configuration of both tiers", standardFile)
    .action(async ({ config: file }: { config: string }) => {
      try {
        await runDev(resolve(file));
      } catch (error) {
        if (!(error instanceof CannotStart)) throw error;
        console.error(error.message);
        process.exitCode = 1;
      }
    });
}

async function runDev(file: string): Promise<void> {
  const say = (line: string) => void (existsSync(resolve(folder, "admin-token")) || console.error(line));
  await initKeys(folder, { say }).catch((error: Error) => {
    throw new CannotStart(error.message);
  });
  const config = load(file);
  const taken = await takenPorts(needsOf(config));
  if (taken.length > 0) throw new CannotStart(taken.join("\n"));

  const { promise: ended, resolve: end } = Promise.withResolvers<string | undefined>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end(undefined));
  const children = new Children((name, why) => end(`the ${name} ${why}; its last lines above say more`));
  children.start({ name: "demo services", args: [resolve(root, "apps/demo/src/main.ts")] });
  for (const tier of ["routing", "security"])
    children.start({
      name: `${tier} gateway`,
      args: [resolve(root, `apps/${tier}-gateway/src/main.ts`), "--config", file],
    });

  void welcome(config).then(
    (text) => console.error(text),
    (error: unknown) => end(`Tandem did not become ready: ${String(error)}`),
  );
  const lost = await ended;
  await children.close();
  if (lost) throw new CannotStart(lost);
}

interface Sections {
  readonly security: SecurityConfig;
  readonly routing: RoutingConfig;
}

/** Each tier's section with its own paths and secrets, so that whatever is missing is said before anything starts. */
function load(file: string): Sections {
  const [forSecurity, forRouting] = [loadSecurity(file), loadRouting(file)];
  if (forSecurity.ok && forRouting.ok)
    return { security: forSecurity.value.security, routing: forRouting.value.routing };
  const diagnostics = [forSecurity, forRouting].flatMap((loaded) => (loaded.ok ? [] : loaded.diagnostics));
  throw new CannotStart([...new Set(diagnostics.map(formatDiagnostic))].join("\n"));
}

function needsOf({ security, routing }: Sections): Need[] {
  return [
    { port: security.listen.port, what: "public HTTPS", setting: "security.listen.port" },
    { port: routing.listen.port, what: "the routing tier", setting: "routing.listen.port" },
    { port: security.admin.port, what: "the security tier's admin plane", setting: "security.admin.port" },
    { port: routing.admin.port, what: "the routing tier's admin plane", setting: "routing.admin.port" },
    ...demoPorts.map((port) => ({ port, what: "a demo service", setting: "the demo's ports (apps/demo)" })),
  ];
}

async function welcome({ security, routing }: Sections): Promise<string> {
  const admin = {
    security: `http://localhost:${security.admin.port}`,
    routing: `http://localhost:${routing.admin.port}`,
  };
  await Promise.all([
    ready(admin.security),
    ready(admin.routing),
    ready(`http://127.0.0.1:${demoPorts[0]}`, "/health"),
  ]);
  const publicUrl = `https://localhost:${security.listen.port}`;
  const certificate = security.listen.tls && readFileSync(security.listen.tls.certificate);
  // Our own certificate is all that is trusted, whoever signed it.
  const dispatcher = new Agent(certificate && { connect: { ca: certificate, allowPartialTrustChain: true } });
  const [app, viewer] = await Promise.all(
    ["demo-app:demo-secret", "demo-viewer:viewer-secret"].map((client) => tokenOf(publicUrl, client, dispatcher)),
  );
  await dispatcher.close();
  return banner({
    publicUrl,
    routingUrl: `http://localhost:${routing.listen.port}`,
    admin,
    pageUrl: security.admin.token && `${admin.security}/#token=${encodeURIComponent(security.admin.token.reveal())}`,
    tokenFile: ".tandem/admin-token",
    tokens: { app: app!, viewer: viewer! },
    apiKey: demoApiKey(security),
  });
}

function demoApiKey({ apiKeys }: SecurityConfig): string | undefined {
  const { keys, secret } = demoKeyFiles(folder);
  return apiKeys && "file" in apiKeys && apiKeys.file === keys ? readFileSync(secret, "utf8").trim() : undefined;
}

async function ready(base: string, path = "/readyz"): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await fetch(base + path, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error(`${base}${path}: ${answer ? await answer.text() : "no answer"}`);
    await sleep(100);
  }
}

async function tokenOf(publicUrl: string, client: string, dispatcher: Agent): Promise<string> {
  const { statusCode, body } = await request(`${publicUrl}/oauth/token`, {
    method: "POST",
    dispatcher,
    headers: {
      authorization: `Basic ${Buffer.from(client).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  const answer = (await body.json()) as { access_token?: string; error?: string };
  if (!answer.access_token) throw new Error(`no token for ${client.split(":")[0]}: ${statusCode} ${answer.error}`);
  return answer.access_token;
}
