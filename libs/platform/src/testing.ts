import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./clock.ts";
import type { LogFields, Logger } from "./log/logger.ts";

/** A directory that is gone after the test, with these files in it. */
export function directoryWith(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = mkdtempSync(join(tmpdir(), "tandem-"));
  // What a test has just stopped may still be writing its last.
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

/** A clock that stands still until it is told how much later it is. */
export function fixedClock(start = 0): Clock & { advance(ms: number): void } {
  let elapsed = 0;
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    advance(ms) {
      elapsed += ms;
    },
  };
}

/** One line that was logged. */
export interface LoggedLine {
  readonly level: "error" | "warn" | "info" | "debug";
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps what it is told. */
export function keepingLogger(
  lines: LoggedLine[] = [],
  bound: LogFields = {},
): Logger & { readonly lines: LoggedLine[] } {
  const keep = (level: LoggedLine["level"]) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields: { ...bound, ...fields } });
  };
  return {
    lines,
    error: keep("error"),
    warn: keep("warn"),
    info: keep("info"),
    debug: keep("debug"),
    child: (fields) => keepingLogger(lines, { ...bound, ...fields }),
    isDebug: true,
  };
}

/** Waits until something holds, looking every few milliseconds; gives the milliseconds it took. */
export async function until(what: string, holds: () => unknown, { within = 15_000 } = {}): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > within) throw new Error(`not within ${within} ms: ${what}`);
    await sleep(3);
  }
  return performance.now() - start;
}

/** What a test sees of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** Where the answer says that it is JSON. */
  readonly json: any;
}

/** What a test asks. */
export interface Asked {
  readonly method?: string;
  /** An object, or a flat list where names repeat. */
  readonly headers?: Readonly<Record<string, string | string[]>> | readonly string[];
  readonly body?: string | Buffer;
}

/** Sends one request on a connection of its own, with a path that nothing normalises. */
export function ask(port: number, path: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false });
    sent.on("error", reject);
    sent.on("response", (response) => void readAnswer(response).then(resolve, reject));
    sent.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isJson = text !== "" && /json/.test(response.headers["content-type"] ?? "");
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}
