import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Algorithm } from "@tandem/identity/jose/algorithm";
import type { Gateway } from "@tandem/kernel/gateway";
import { createKeyFile } from "@tandem/identity/keys/create-key-file";
import { readSigningKey, type SigningKey } from "@tandem/identity/keys/signing-keys";
import type { LineStream } from "@tandem/platform/log/batch-writer";
import { until } from "@tandem/platform/testing";
import { createAuthority, issueCertificate, type KeyedCertificate } from "@tandem/platform/tls/development-ca";
import type { TandemConfig } from "./config.ts";
import { serveTier, type TierProcess } from "./serve-tier.ts";
import { openWatching } from "./watching.ts";

/** Where a test, or a whole file of tests, says what is to be done at its end. */
export interface Ending {
  after(end: () => unknown): void;
}

/** Puts into a folder what both tiers start with: `ca.crt`, a pair for each of `server`, `routing`, `client` and `stranger`, and directories of keys. */
export async function fillWithKeys(folder: string): Promise<void> {
  const authority = createAuthority("tier tests");
  writeFileSync(join(folder, "ca.crt"), authority.certificate);
  const sans = ["localhost", "127.0.0.1", "routing-gateway"];
  for (const [name, usage] of [
    ["server", "server"],
    ["routing", "server"],
    ["client", "client"],
    ["stranger", "client"],
  ] as const)
    writePair(join(folder, name), issueCertificate(authority, { name, usage, ...(usage === "server" && { sans }) }));
  await createKeyFile(join(folder, "token-keys"), { algorithm: "RS256" });
  const publicDirectory = join(folder, "public-keys");
  await createKeyFile(join(folder, "assertion-keys"), { algorithm: "EdDSA", publicDirectory });
}

/** A folder that is filled with keys, and gone at the end. */
export async function keysFolder(ending: Ending): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-"));
  ending.after(() => rmSync(folder, { recursive: true, force: true }));
  await fillWithKeys(folder);
  return folder;
}

/** Writes `<base>.crt` and `<base>.key`. */
export function writePair(base: string, { certificate, key }: KeyedCertificate): void {
  mkdirSync(dirname(base), { recursive: true });
  writeFileSync(`${base}.crt`, certificate);
  writeFileSync(`${base}.key`, key);
}

/** The one key of a directory. */
export function keyIn(directory: string, algorithm: Algorithm): SigningKey {
  const [name = ""] = readdirSync(directory);
  const json: unknown = JSON.parse(readFileSync(join(directory, name), "utf8"));
  return readSigningKey({ name, json, modifiedAt: 0 }, algorithm);
}

type Line = Readonly<Record<string, any>>;

/** What a process logs, a parsed line each, instead of printing it. */
export interface KeptOutput extends LineStream {
  readonly lines: Line[];
}

export function keptOutput(): KeptOutput {
  const lines: Line[] = [];
  return {
    lines,
    on: () => undefined,
    write(text, done) {
      for (const line of text.trimEnd().split("\n")) lines.push(JSON.parse(line));
      done();
    },
  };
}

/** A tier that serves in this process until the end, and what can be seen of it. */
export interface RunningTier {
  readonly port: number;
  readonly adminPort: number;
  /** What it serves with. */
  readonly gateway: Gateway;
  readonly lines: readonly Line[];
  /** The access line of a request, once it is there. */
  lineOf(requestId: string): Promise<Line>;
  /** How many requests have ended in this problem. */
  problems(code: string): Promise<number>;
  /** Asks its admin plane, with the token. */
  admin(path: string, init?: RequestInit): Promise<Response>;
  /** Requests that have begun and not ended, and those of them that are at an instance. */
  inFlight(): Promise<{ requests: number; attempts: number }>;
  close(): Promise<void>;
}

const token = "the-admin-token-of-the-tests";

/** Starts a tier from a section of the configuration, on free ports, with the paths of a folder. */
export async function startTier<Config extends TandemConfig>(
  ending: Ending,
  kind: TierProcess<Config>,
  { folder, section, shared = {} }: { folder: string; section: object; shared?: object },
): Promise<RunningTier> {
  const file = join(folder, `${kind.tier}.yaml`);
  const config = { [kind.tier]: { admin: { port: 0, token }, ...section }, log: { format: "json" }, ...shared };
  writeFileSync(file, JSON.stringify(config));
  const loaded = kind.load(file);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  const output = keptOutput();
  const watching = openWatching(kind.tier, loaded.value, { generation: loaded.hash, stdout: output });
  const { gateway, port, adminPort, ending: steps } = await serveTier(kind, loaded, watching);
  const end = async (): Promise<void> => {
    for (const step of steps) await step.close(200);
    await watching.close();
  };
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= end());
  ending.after(close);
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${adminPort}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  /** The sum of all series that match. */
  const metric = async (pattern: RegExp): Promise<number> => {
    const text = await (await ask("/metrics")).text();
    return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  return {
    port,
    adminPort,
    gateway,
    lines: output.lines,
    lineOf: async (requestId) => {
      const isIts = (line: Line) => line["event.dataset"] === "tandem.request" && line["http.request.id"] === requestId;
      const find = () => output.lines.find(isIts);
      await until(`there is a line of ${requestId}`, () => find() !== undefined);
      return find()!;
    },
    problems: (code) => metric(new RegExp(`^tandem_problems_total\\{[^}]*code="${code}"[^}]*\\} (\\d+)`, "gm")),
    admin: ask,
    inFlight: async () => {
      const pools = (await (await ask("/pools")).json()) as { instances: { inFlight: number }[] }[];
      const attempts = pools.flatMap(({ instances }) => instances).reduce((sum, { inFlight }) => sum + inFlight, 0);
      return { requests: await metric(/^tandem_requests_in_flight(?:\{[^}]*\})? (\d+)/gm), attempts };
    },
    close,
  };
}

/** A gateway's program in a process of its own. */
export interface StartedProgram {
  readonly child: ChildProcess;
  /** The ports that it listens on, as it logs them; rejects when it ends before it does. */
  readonly started: () => Promise<Readonly<Record<string, number>>>;
  /** Its exit code, and all that it has written to either stream. */
  readonly ended: Promise<{ readonly code: unknown; readonly output: string }>;
}

/** Starts a program with these arguments; it is killed at the end if it still runs. */
export function startProgram(ending: Ending, program: string, args: readonly string[]): StartedProgram {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  ending.after(() => child.kill("SIGKILL"));
  let output = "";
  const { promise: listening, resolve } = Promise.withResolvers<Record<string, number>>();
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => {
      output += String(data);
      const line = output.split("\n").find((candidate) => candidate.includes('"message":"listening"'));
      if (line !== undefined) resolve(JSON.parse(line));
    });
  const ended = once(child, "close").then(([code]: unknown[]) => ({ code, output }));
  const early = async (): Promise<never> => {
    await ended;
    throw new Error(`it ended before it listened: ${output}`);
  };
  return { child, started: () => Promise.race([listening, early()]), ended };
}
