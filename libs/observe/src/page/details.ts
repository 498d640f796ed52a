import { byId, element, visible } from "./element.ts";
import { factsOf } from "./facts.ts";
import { askPlane, type Plane } from "./planes.ts";
import { statusText, timeOf, toneOf } from "./request-list.ts";
import { known, statusOf, type SeenRequest } from "./request-store.ts";
import { drawWaterfall } from "./waterfall.ts";
import { isTracePart, waterfallOf, type TracePart } from "./waterfall-rows.ts";

interface Surroundings {
  readonly planes: readonly Plane[];
  readonly token: string;
  readonly close: () => void;
}

/** What is shown, so that what was asked for another one is not put in its place. */
let shown: SeenRequest | undefined;

/** Whether more was learnt of the one that is shown: the other tier's line has come. */
export const isStale = (request: SeenRequest | undefined): boolean => request !== undefined && request !== shown;

/** Shows all of one request: what became of it and why, and where its time went in each process. */
export async function showDetails(
  request: SeenRequest | undefined,
  { planes, token, close }: Surroundings,
): Promise<void> {
  const place = byId("details");
  const isNew = request !== undefined && request.id !== shown?.id;
  shown = request;
  place.hidden = request === undefined;
  if (request === undefined) return place.replaceChildren();
  const drawing = isNew ? element("p", { class: "empty" }, ["…"]) : place.querySelector(".trace");
  const trace = element("div", { class: "trace" }, [drawing ?? undefined]);
  place.replaceChildren(headOf(request, close), trace, ...factsOf(request));
  if (isNew) {
    place.scrollIntoView({ block: "nearest" });
    place.focus({ preventScroll: true });
  }
  const found = waterfallOf(await partsOf(request, planes, token));
  if (shown !== request) return;
  const silent = planes.filter(({ trouble }) => trouble !== undefined).map(({ name }) => name);
  trace.replaceChildren(
    found.rows.length > 0
      ? drawWaterfall(found)
      : element("p", { class: "empty" }, ["No spans are kept: the trace was not sampled, or is too old."]),
    ...(silent.length > 0
      ? [element("p", { class: "empty" }, [`Without what ${silent.join(" and ")} would say.`])]
      : []),
  );
}

function headOf(request: SeenRequest, close: () => void): HTMLElement {
  const { method, path, at, ms } = request.lines[0]!;
  const closing = element("button", { type: "button" }, ["Close"]);
  closing.addEventListener("click", close);
  const title = element("h2", { id: "details-title" }, [
    element("span", { class: `status ${toneOf(statusOf(request))}` }, [statusText(request)]),
    element("bdi", {}, [visible(`${method} ${path}`, 600)]),
  ]);
  return element("div", { class: "title" }, [
    title,
    element("span", { class: "quiet" }, [`${timeOf(at)}, ${ms.toFixed(1)} ms`]),
    closing,
  ]);
}

/** Each process knows its own part; the trace has one name for all of them. */
async function partsOf(request: SeenRequest, planes: readonly Plane[], token: string): Promise<TracePart[]> {
  const id = known(request, "traceId") || request.id;
  const answers = await Promise.all(planes.map((plane) => askPlane(plane, `/traces/${encodeURIComponent(id)}`, token)));
  return answers.filter(isTracePart);
}
