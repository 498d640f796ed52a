import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "./histogram.ts";
import { prometheusText } from "./prometheus-text.ts";
import type { SummedMetric } from "./summed-metrics.ts";

async function piecesOf(...metrics: SummedMetric[]): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of prometheusText(metrics)) pieces.push(piece);
  return pieces;
}

test("figures are laid out as Prometheus reads them", async () => {
  const times = new Histogram([0.5, 1]);
  for (const seconds of [0.25, 0.75, 3]) times.add(seconds);
  const [text] = await piecesOf(
    {
      kind: "counter",
      name: "things",
      description: "Things",
      points: () => [{ labels: { a: "b", c: "" }, value: 2 }],
    },
    { kind: "gauge", name: "level", description: "Level", points: async () => [{ labels: {}, value: 0.5 }] },
    { kind: "histogram", name: "time_seconds", description: "Time", points: () => [{ labels: {}, value: times }] },
  );
  assert.equal(
    text,
    `# HELP things_total Things
# TYPE things_total counter
things_total{a="b"} 2
# HELP level Level
# TYPE level gauge
level 0.5
# HELP time_seconds Time
# TYPE time_seconds histogram
time_seconds_bucket{le="0.5"} 1
time_seconds_bucket{le="1"} 2
time_seconds_bucket{le="+Inf"} 3
time_seconds_sum 4
time_seconds_count 3
`,
  );
});

test("no label can be mistaken for the end of one", async () => {
  const labels = { name: 'a"b\\c\nd' };
  const [text] = await piecesOf({ kind: "gauge", name: "x", description: "X", points: () => [{ labels, value: 1 }] });
  assert.match(text!, /^x\{name="a\\"b\\\\c\\nd"\} 1$/m);
});

test("many figures come in pieces, and none is read before its piece", async () => {
  let read = 0;
  const points = function* () {
    for (; read < 10_000; read++) yield { labels: { route: `route-${read}` }, value: read };
  };
  const pieces = prometheusText([{ kind: "counter", name: "things", description: "Things", points }]);
  const first = await pieces.next();
  assert.ok(read < 2_000, `${read} were read for the first piece`);
  let text = first.value as string;
  for await (const piece of pieces) {
    assert.ok(piece.length < 40_000);
    text += piece;
  }
  assert.equal(text.match(/^things_total\{/gm)?.length, 10_000);
});

test("what cannot be read is left out, and the rest is there", async () => {
  const broken = (): never => {
    throw new Error("no figure");
  };
  const [text] = await piecesOf(
    { kind: "gauge", name: "bad", description: "Bad", points: broken },
    { kind: "gauge", name: "worse", description: "Worse", points: async () => broken() },
    { kind: "gauge", name: "good", description: "Good", points: () => [{ labels: {}, value: 7 }] },
  );
  assert.match(text!, /^good 7$/m);
  assert.doesNotMatch(text!, /^(bad|worse) /m);
});
