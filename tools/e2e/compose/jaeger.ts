import { ask } from "../http.ts";
import { until } from "../until.ts";
import { consoles } from "./stack.ts";

/** A span as Jaeger tells it, with those below it in the order in which they began. */
export interface Span {
  readonly service: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly startTime: number;
  readonly children: Span[];
}

/** Asks Jaeger for a trace until this many services have told their part; gives its only root. */
export async function spanTree(traceId: string, { services }: { readonly services: number }): Promise<Span> {
  let roots: Span[] = [];
  await until(
    `Jaeger has what ${services} services know of ${traceId}`,
    async () => {
      const { json } = await ask(`${consoles.jaeger}/api/traces/${traceId}`);
      const trace = json?.data?.[0];
      if (!trace || Object.keys(trace.processes).length < services) return false;
      roots = rootsOf(trace);
      return roots.length === 1;
    },
    { within: 30_000, every: 250 },
  );
  return roots[0]!;
}

/** The traces of requests that were sent again, which nobody can choose beforehand. */
export async function retriedTraces(): Promise<string[]> {
  const tags = encodeURIComponent(JSON.stringify({ "http.request.resend_count": "1" }));
  const { json } = await ask(`${consoles.jaeger}/api/traces?service=routing-gateway&limit=20&tags=${tags}`);
  return (json?.data ?? []).map(({ traceID }: { traceID: string }) => traceID);
}

function rootsOf({ spans, processes }: { spans: any[]; processes: any }): Span[] {
  const byId = new Map<string, Span>(
    spans.map(({ spanID, operationName, processID, tags, startTime }) => [
      spanID,
      {
        service: processes[processID].serviceName,
        name: operationName,
        tags: Object.fromEntries(tags.map(({ key, value }: { key: string; value: unknown }) => [key, value])),
        startTime,
        children: [],
      },
    ]),
  );
  const roots: Span[] = [];
  for (const { spanID, references } of spans.toSorted((one, other) => one.startTime - other.startTime)) {
    const parent = byId.get(references[0]?.spanID);
    (parent ? parent.children : roots).push(byId.get(spanID)!);
  }
  return roots;
}

/** Phases that anybody decides in; another is shown when it took long, and is left out here. */
const decisive = new Set(["authenticate", "acceptAssertion", "authorize"]);

/** One line a span: whose, its name, its kind, its status, and whether it failed. */
export function outline(span: Span, indent = ""): string {
  const { service, name, tags, children } = span;
  const kind = tags["span.kind"];
  const facts = [`${service}: ${name}`, kind, tags["http.response.status_code"], tags["error"] === true ? "ERROR" : ""];
  const shown = children.filter((child) => child.tags["span.kind"] !== "internal" || decisive.has(child.name));
  return [indent + facts.filter(Boolean).join(" "), ...shown.map((child) => outline(child, `${indent}  `))].join("\n");
}

/** The spans of a tree that go by this service and name. */
export const spansOf = (span: Span, service: string, name: string): Span[] => [
  ...(span.service === service && span.name === name ? [span] : []),
  ...span.children.flatMap((child) => spansOf(child, service, name)),
];
