import { byId, element } from "./element.ts";
import type { Plane } from "./planes.ts";

/** As much of `GET /pools` as is shown here; the word for word is of the upstream's kit. */
interface Pool {
  readonly name: string;
  readonly inFlight: number;
  readonly limit?: number;
  readonly leaving: number;
  readonly unlisted: number;
  readonly table: { readonly reason: string };
  readonly discovery: { readonly source: string; readonly degraded?: string };
  readonly instances: readonly Instance[];
}

interface Instance {
  readonly id: string;
  readonly zone?: string;
  readonly state: string;
  readonly weight: number;
  readonly fullWeight: number;
  readonly inFlight: number;
  readonly latencyMs: number;
  readonly failed: number;
  readonly failures: readonly { readonly kind: string; readonly ageMs: number }[];
  readonly outlier?: { readonly consecutive: number; readonly endsInMs?: number };
  readonly probe?: { readonly found?: string; readonly ageMs?: number };
  readonly breaker?: { readonly state: string; readonly endsInMs?: number };
}

/** Of a pool so many are shown; those that are not well come first. */
const mostInstances = 50;

const latest = new Map<Plane, readonly Pool[]>();

/** Takes over what a plane says of its pools. */
export function addPools(plane: Plane, answer: unknown): void {
  if (Array.isArray(answer)) latest.set(plane, answer.filter(isPool));
}

const isPool = (pool: unknown): pool is Pool =>
  typeof pool === "object" && pool !== null && "instances" in pool && Array.isArray(pool.instances);

/** Shows who serves, how each stands, and why. */
export function showPools(planes: readonly Plane[]): void {
  const parts = planes.flatMap((plane) => (latest.get(plane) ?? []).map((pool) => poolPart(pool, plane)));
  const nothing = element("p", { class: "empty" }, ["No pool is known yet."]);
  byId("pools")
    .querySelector(".body")
    ?.replaceChildren(...(parts.length > 0 ? parts : [nothing]));
}

function poolPart(pool: Pool, { name: plane, trouble }: Plane): HTMLElement {
  const { name, inFlight, limit, leaving, unlisted, table, discovery, instances } = pool;
  const well = instances.filter(({ state }) => state === "healthy").length;
  const facts = [
    `${well} of ${instances.length + unlisted} healthy`,
    `${inFlight} in flight${limit === undefined ? "" : ` of ${limit}`}`,
    table.reason === "normal" ? "" : table.reason,
    leaving > 0 ? `${leaving} leaving` : "",
    discovery.source,
    discovery.degraded === undefined ? "" : `degraded: ${discovery.degraded}`,
    trouble === undefined ? "" : "as it was last seen",
  ].filter(Boolean);
  const shown = instances.toSorted((one, other) => order(one) - order(other)).slice(0, mostInstances);
  const hidden = instances.length - shown.length + unlisted;
  return element(
    "article",
    { class: trouble === undefined ? "pool" : "pool stale", "aria-label": `${name}, pool of ${plane}` },
    [
      element("h3", {}, [element("bdi", {}, [name]), element("span", { class: "quiet" }, [facts.join(" · ")])]),
      element("ul", {}, shown.map(instancePart)),
      hidden > 0 ? element("p", { class: "quiet" }, [`and ${hidden} more`]) : undefined,
    ],
  );
}

const order = ({ state }: Instance): number => (state === "healthy" ? 1 : 0);

function instancePart(instance: Instance): HTMLElement {
  const { id, zone, state, weight, fullWeight, inFlight, latencyMs } = instance;
  const facts = [
    weight === fullWeight ? "" : `share ${Math.round(weight * 100) / 100} of ${fullWeight}`,
    `${inFlight} in flight`,
    latencyMs > 0 ? `${latencyMs} ms` : "",
    ...evidenceOf(instance),
  ].filter(Boolean);
  return element("li", { class: state === "healthy" ? "well" : "ill" }, [
    element("bdi", { class: "name" }, [zone === undefined ? id : `${id} (${zone})`]),
    element("b", {}, [state]),
    element("span", { class: "quiet" }, [facts.join(" · ")]),
  ]);
}

function evidenceOf({ failed, failures, outlier, probe, breaker }: Instance): string[] {
  const [last] = failures;
  return [
    failed > 0 ? `${failed} failed` : "",
    last ? `${last.kind} ${span(last.ageMs)} ago` : "",
    outlier && outlier.consecutive > 1 ? `${outlier.consecutive} failures in a row` : "",
    outlier?.endsInMs === undefined ? "" : `tried again in ${span(outlier.endsInMs)}`,
    probe?.found === undefined ? "" : `probe: ${probe.found} ${span(probe.ageMs ?? 0)} ago`,
    breaker?.endsInMs === undefined ? "" : `rests for ${span(breaker.endsInMs)}`,
  ];
}

function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
