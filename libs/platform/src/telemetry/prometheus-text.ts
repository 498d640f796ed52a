import type { Histogram } from "./histogram.ts";
import type { Labels, Point, SummedMetric } from "./summed-metrics.ts";

/** Characters of one piece: so many take about half a millisecond to write. */
const pieceLength = 32_768;

/** Lays figures out in the text format of Prometheus, piece by piece; whoever takes them may do something else in between. */
export async function* prometheusText(metrics: readonly SummedMetric[]): AsyncGenerator<string, void, undefined> {
  let text = "";
  for (const metric of metrics) {
    const name = metric.kind === "counter" ? `${metric.name}_total` : metric.name;
    text += `# HELP ${name} ${escaped(metric.description)}\n# TYPE ${name} ${metric.kind}\n`;
    try {
      for (const { labels, value } of (await metric.points()) as Iterable<Point<number | Histogram>>) {
        const written = labelText(labels);
        text += typeof value === "number" ? `${name}${braced(written)} ${value}\n` : bucketsText(name, written, value);
        if (text.length < pieceLength) continue;
        yield text;
        text = "";
      }
    } catch {
      // What cannot be read now is left out: the rest is worth no less for that.
    }
  }
  if (text !== "") yield text;
}

function bucketsText(name: string, labels: string, { count, sum, bounds, counts }: Histogram): string {
  const before = `${name}_bucket{${labels}${labels === "" ? "" : ","}le="`;
  let text = "";
  let below = 0;
  for (let place = 0; place < bounds.length; place++) {
    below += counts[place]!;
    text += `${before}${bounds[place]}"} ${below}\n`;
  }
  const own = braced(labels);
  return `${text}${before}+Inf"} ${count}\n${name}_sum${own} ${sum}\n${name}_count${own} ${count}\n`;
}

const braced = (labels: string): string => (labels === "" ? "" : `{${labels}}`);

function labelText(labels: Labels): string {
  let text = "";
  for (const name in labels) {
    const value = labels[name]!;
    if (value === "") continue;
    text += `${text === "" ? "" : ","}${name}="${special.test(value) ? escaped(value).replaceAll('"', '\\"') : value}"`;
  }
  return text;
}

const special = /["\\\n]/;
const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
