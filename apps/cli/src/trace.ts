import { readFile } from "node:fs/promises";
import { renderTrace } from "@tandem/observe/trace/render-trace";
import type { TraceAnswer } from "@tandem/observe/trace/traces-handler";
import { Command } from "commander";

interface TraceOptions {
  readonly admin: readonly string[];
  readonly tokenFile: string;
}

const defaults: TraceOptions = {
  admin: ["http://127.0.0.1:9081", "http://127.0.0.1:9082"],
  tokenFile: ".tandem/admin-token",
};

/** Asks each admin plane for its part of a trace; a plane that does not answer is an error that names it. */
export async function collectTrace(id: string, { admin, tokenFile }: TraceOptions): Promise<TraceAnswer[]> {
  const token = await readToken(tokenFile);
  const byName = await Promise.all(admin.map((plane) => askPlane(plane, id, token)));
  const found = byName.filter((part) => part !== undefined);
  const traceId = found[0]?.spans[0]?.traceId;
  if (traceId === undefined || traceId === id || found.length === admin.length) return found;
  // A tier knows the request by another name, or not any more, but the trace is the same.
  const byTrace = await Promise.all(admin.map((plane) => askPlane(plane, traceId, token)));
  return byTrace.filter((part) => part !== undefined);
}

async function askPlane(plane: string, id: string, token: string): Promise<TraceAnswer | undefined> {
  const url = `${plane}/traces/${encodeURIComponent(id)}`;
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(3_000),
  }).catch((cause: unknown) => {
    throw new Error(`${plane} does not answer: is Tandem running? (--admin names other addresses)`, { cause });
  });
  if (answer.status === 404) return undefined;
  if (answer.status === 401) throw new Error(`${plane} does not accept the admin token`);
  if (!answer.ok) throw new Error(`${plane} answered ${answer.status}`);
  return (await answer.json()) as TraceAnswer;
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new Error(`the admin token cannot be read from ${file} (--token-file names another file)`, { cause });
  }
}

/** `tandem trace ID`: one request as a tree over both tiers. */
export function traceCommand(): Command {
  return new Command("trace")
    .description("print one request as a tree over both tiers, from what they keep in memory")
    .argument("<id>", "a trace id, or the x-request-id of an answer")
    .option("--admin <url...>", "the admin planes to ask", [...defaults.admin])
    .option("--token-file <file>", "where the admin token is", defaults.tokenFile)
    .action(async (id: string, options: TraceOptions, command: Command) => {
      const parts = await collectTrace(id, options).catch((error: Error) => command.error(error.message));
      if (parts.length === 0) command.error(`nobody keeps a trace or request ${id}: it was not sampled, or is too old`);
      else process.stdout.write(renderTrace(parts));
    });
}
