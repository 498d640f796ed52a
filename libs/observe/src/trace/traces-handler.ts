import type { IncomingMessage, ServerResponse } from "node:http";
import type { CompactSpan } from "@tandem/platform/telemetry/compact-span";
import type { TraceRing, TraceSummary } from "./trace-ring.ts";

/** What `GET /traces/:id` answers: one process's part of a trace. */
export interface TraceAnswer {
  readonly service: string;
  readonly instance: string;
  readonly spans: readonly CompactSpan[];
}

/** What `GET /traces` answers, newest first. */
export interface TracesAnswer {
  readonly service: string;
  readonly instance: string;
  readonly traces: readonly TraceSummary[];
}

const mostListed = 100;

/** Serves the ring on the admin plane, under `/traces` and `/traces/:id`; the id is that of the trace or of a request. */
export function tracesHandler(
  ring: TraceRing,
  { service, instance }: { readonly service: string; readonly instance: string },
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const id = idOf(request.url ?? "");
    if (id === undefined) {
      answer(response, 200, { service, instance, traces: ring.latest(mostListed) } satisfies TracesAnswer);
      return;
    }
    const spans = ring.get(id);
    if (spans) answer(response, 200, { service, instance, spans } satisfies TraceAnswer);
    else answer(response, 404, { title: "No such trace is kept here", status: 404 });
  };
}

/** The segment after `/traces`, also where a router has cut that off already. */
function idOf(url: string): string | undefined {
  const [path = ""] = url.split("?", 1);
  const last = path.split("/").findLast((segment) => segment !== "");
  return last === "traces" ? undefined : last;
}

function answer(response: ServerResponse, status: number, body: object): void {
  const type = status === 200 ? "application/json" : "application/problem+json";
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
