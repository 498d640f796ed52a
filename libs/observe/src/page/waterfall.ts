import { milliseconds } from "../trace/milliseconds.ts";
import { element } from "./element.ts";
import { scaleOf, type Waterfall, type WaterfallRow } from "./waterfall-rows.ts";

/** Draws the lines of a trace below one scale: what it was, when, and for how long. */
export function drawWaterfall({ rows, length }: Waterfall): HTMLElement {
  const percent = (ms: number): string => `${((100 * ms) / length).toFixed(3)}%`;
  const scale = element("div", { class: "scale", "aria-hidden": "true" }, [
    element(
      "div",
      {},
      scaleOf(length).map((tick) => placed(element("span", {}, [`${round(tick)} ms`]), { left: percent(tick) })),
    ),
  ]);
  const lines = rows.map((row) => {
    const bar = placed(element("i", { class: `bar ${row.kind}` }), {
      left: percent(row.start),
      width: percent(row.duration),
    });
    return element("li", { class: `span ${tierOf(row)} ${row.tone}`, title: `${row.title}  ${row.details}` }, [
      placed(element("div", { class: "what" }, [element("bdi", { class: "name" }, [row.title])]), {
        "--depth": String(Math.min(row.depth, 8)),
      }),
      element("div", { class: "track" }, [bar]),
      element("div", { class: "took" }, [milliseconds(row.duration)]),
      row.details === "" ? undefined : element("bdi", { class: "said" }, [row.details]),
    ]);
  });
  return element("div", { class: "waterfall" }, [
    scale,
    element("ol", { "aria-label": "Spans over both tiers, each below what asked it" }, lines),
  ]);
}

/** Chooses the colour; the names of other services are theirs. */
const tierOf = ({ service }: WaterfallRow): string =>
  service === "security-gateway" ? "security" : service === "routing-gateway" ? "routing" : "service";

const round = (ms: number): string => String(Number(ms.toPrecision(3)));

/** The policy of this page allows no style that stands in markup, but one that a script of ours sets. */
function placed<Placed extends HTMLElement>(what: Placed, where: Readonly<Record<string, string>>): Placed {
  for (const [name, value] of Object.entries(where)) what.style.setProperty(name, value);
  return what;
}
