import { renderTrace } from "@tandem/observe/trace/render-trace";
import type { TraceAnswer } from "@tandem/observe/trace/traces-handler";
import { Command } from "commander";
import { askAdmin, readAdminToken, type Asking } from "./admin-plane.ts";

interface TraceOptions {
  readonly admin: readonly string[];
  readonly tokenFile: string;
  /** How long each plane may take, in milliseconds. */
  readonly patience?: number;
}

const defaults: TraceOptions = {
  admin: ["http://127.0.0.1:9081", "http://127.0.0.1:9082"],
  tokenFile: ".tandem/admin-token",
};

/** Asks each admin plane for its part of a trace; a plane that does not answer is an error that names it. */
export async function collectTrace(id: string, options: TraceOptions): Promise<TraceAnswer[]> {
  const { admin, tokenFile, patience = 3_000 } = options;
  const asking = { token: await readAdminToken(tokenFile), patience };
  const byName = await Promise.all(admin.map((plane) => askPlane(plane, id, asking)));
  const found = byName.filter((part) => part !== undefined);
  const traceId = found[0]?.spans[0]?.traceId;
  if (traceId === undefined || traceId === id || found.length === admin.length) return found;
  // A tier knows the request by another name, or not any more, but the trace is the same.
  const byTrace = await Promise.all(admin.map((plane) => askPlane(plane, traceId, asking)));
  return byTrace.filter((part) => part !== undefined);
}

async function askPlane(plane: string, id: string, asking: Asking): Promise<TraceAnswer | undefined> {
  const { status, json } = await askAdmin(plane, `/traces/${encodeURIComponent(id)}`, asking);
  if (status === 404) return undefined;
  if (status < 200 || status > 299) throw new Error(`${plane} answered ${status}`);
  if (isTrace(json)) return json;
  throw new Error(`${plane} answers with something that is no trace: is it an admin plane of Tandem?`);
}

const isTrace = (json: unknown): json is TraceAnswer =>
  typeof json === "object" && json !== null && "spans" in json && Array.isArray(json.spans);

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
