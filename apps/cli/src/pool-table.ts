import type { Evidence } from "@tandem/upstream/discovery/discovery";
import type { InstanceView, PoolView } from "@tandem/upstream/pool/pool-view";
import { aligned } from "./aligned.ts";

const reasons = {
  normal: "",
  zone: "own zone only",
  spill: "own zone and others",
  panic: "nobody is healthy: requests go to everybody",
} satisfies Record<PoolView["table"]["reason"], string>;

/** The pools of one tier: for each a line, and a line for each instance with the evidence for how it stands. */
export function poolTable(pools: readonly PoolView[]): string {
  return pools.map(poolText).join("\n");
}

function poolText({ name, instances, unlisted, inFlight, limit, leaving, table, discovery }: PoolView): string {
  const count = instances.length + unlisted;
  const facts = [
    count === 1 ? "1 instance" : `${count} instances`,
    reasons[table.reason],
    `${inFlight} in flight${limit === undefined ? "" : ` of ${limit}`}`,
    leaving > 0 ? `${leaving} leaving` : "",
    table.panics > 0 ? `in a panic ${table.panics} times` : "",
    ...groundsOf(discovery),
  ];
  const head = `${name}: ${facts.filter(Boolean).join(", ")}\n`;
  if (instances.length === 0) return head;
  const headings = ["INSTANCE", "STATE", "SHARE", "IN FLIGHT", "LATENCY", "FAILED", "EVIDENCE"];
  const more = unlisted > 0 ? `  and ${unlisted} more\n` : "";
  return head + aligned([headings, ...instances.map(rowOf)], { indent: "  " }) + more;
}

function groundsOf({ source, ageMs, degraded, remembered, choices }: Evidence): string[] {
  const inUse = choices?.find((choice) => choice.inUse)?.name;
  return [
    source === "static" ? "from the configuration" : `from ${source === "dns" ? "DNS" : "Consul"}`,
    inUse ?? "",
    source === "static" || ageMs === undefined ? "" : `asked ${ago(ageMs)}`,
    remembered ? `as written to disk ${ago(remembered.ageMs)}` : "",
    degraded ? `DEGRADED: ${degraded}` : "",
  ];
}

function rowOf(instance: InstanceView): string[] {
  const { id, zone, state, weight, fullWeight, inFlight, latencyMs, failed } = instance;
  return [
    zone === undefined ? id : `${id} (${zone})`,
    state,
    weight === fullWeight ? String(weight) : `${Math.round(weight * 100) / 100} of ${fullWeight}`,
    String(inFlight),
    latencyMs === 0 ? "-" : `${latencyMs} ms`,
    String(failed),
    evidenceOf(instance).join("; "),
  ];
}

function evidenceOf({ failures, outlier, probe, breaker }: InstanceView): string[] {
  const [latest] = failures;
  const evidence: string[] = [];
  if (latest) evidence.push(`${latest.kind} ${ago(latest.ageMs)}`);
  if (outlier && outlier.consecutive > 1) evidence.push(`${outlier.consecutive} failures in a row`);
  if (outlier?.endsInMs !== undefined) evidence.push(`tried again in ${span(outlier.endsInMs)}`);
  if (probe?.found !== undefined) evidence.push(`probe: ${probe.found} ${ago(probe.ageMs ?? 0)}`);
  if (breaker?.endsInMs !== undefined) evidence.push(`rests for ${span(breaker.endsInMs)}`);
  return evidence;
}

const ago = (ms: number): string => `${span(ms)} ago`;

function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
