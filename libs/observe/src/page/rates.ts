import type { RatesAnswer } from "../metrics/rates-of.ts";
import { byId, element } from "./element.ts";
import type { Plane } from "./planes.ts";
import { RateHistory, type RouteRate } from "./rate-history.ts";

const histories = new Map<Plane, RateHistory>();

/** As many routes as a person looks through; the busiest come first. */
const mostRoutes = 40;

/** Takes over what a plane says of its sums. */
export function addRates(plane: Plane, answer: unknown): void {
  if (!isRates(answer)) return;
  let history = histories.get(plane);
  if (!history) histories.set(plane, (history = new RateHistory()));
  history.add(answer);
}

const isRates = (answer: unknown): answer is RatesAnswer =>
  typeof answer === "object" && answer !== null && "routes" in answer && Array.isArray(answer.routes);

/** Shows how each route of each plane does now. */
export function showRates(planes: readonly Plane[]): void {
  const parts = planes.flatMap((plane) => {
    const rates = histories.get(plane)?.rates() ?? [];
    return rates.length > 0 ? [tableOf(plane.name, rates)] : [];
  });
  const nothing = element("p", { class: "empty" }, ["No request has come yet."]);
  byId("rates")
    .querySelector(".body")
    ?.replaceChildren(...(parts.length > 0 ? parts : [nothing]));
}

const columns = ["all/s", "4xx/s", "5xx/s", "p50", "p95"];

function tableOf(name: string, rates: readonly RouteRate[]): HTMLElement {
  const head = element("thead", {}, [
    element("tr", {}, [
      element("th", { scope: "col" }, [name]),
      element("th", { scope: "col", class: "course" }, ["last minute"]),
      ...columns.map((column) => element("th", { scope: "col", class: "number" }, [column])),
    ]),
  ]);
  const rows = rates.slice(0, mostRoutes).map((rate) => {
    const { route, requests, refused, failed, p50, p95, course } = rate;
    const what =
      route === ""
        ? element("td", { class: "quiet" }, [rates.length === 1 ? "all requests" : "no route"])
        : element("td", {}, [bdi(route)]);
    return element("tr", { "data-route": route }, [
      what,
      element("td", { class: "course" }, [drawCourse(course)]),
      number(perSecond(requests)),
      number(perSecond(refused), refused > 0 ? "refused" : "quiet"),
      number(perSecond(failed), failed > 0 ? "failed" : "quiet"),
      number(time(p50)),
      number(time(p95)),
    ]);
  });
  return element("table", { "aria-label": `Rates by route of ${name}` }, [head, element("tbody", {}, rows)]);
}

const number = (text: string, tone = ""): HTMLElement => element("td", { class: `number ${tone}` }, [text]);

const bdi = (text: string): HTMLElement => element("bdi", {}, [text]);

const perSecond = (rate: number): string => (rate === 0 ? "0" : rate < 10 ? rate.toFixed(1) : String(Math.round(rate)));

const time = (ms: number | undefined): string =>
  ms === undefined
    ? "–"
    : ms < 10
      ? `${ms.toFixed(1)} ms`
      : ms < 1000
        ? `${Math.round(ms)} ms`
        : `${(ms / 1000).toFixed(1)} s`;

const svg = "http://www.w3.org/2000/svg";

/** A line from a minute ago to now, its highest point at the top. */
function drawCourse(course: readonly number[]): Node {
  const drawing = document.createElementNS(svg, "svg");
  drawing.setAttribute("viewBox", "0 0 60 16");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  const highest = Math.max(1, ...course);
  const step = 60 / 30;
  const points = course.slice(-30).map((rate, index, all) => {
    const x = 60 - (all.length - 1 - index) * step;
    return `${x},${(15 - (14 * rate) / highest).toFixed(2)}`;
  });
  const line = document.createElementNS(svg, "polyline");
  line.setAttribute("points", points.join(" "));
  drawing.append(line);
  return drawing;
}
