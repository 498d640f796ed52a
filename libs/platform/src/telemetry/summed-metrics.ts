import { ValueType, type Attributes, type HrTime } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";

/** One histogram under one set of labels; `counts` has an entry for each bound and one for what lies beyond. */
export interface SummedHistogram {
  readonly count: number;
  readonly sum: number;
  readonly counts: ArrayLike<number>;
}

interface Named {
  readonly name: string;
  readonly description: string;
  readonly unit?: string;
}

interface Point<T> {
  readonly labels: Attributes;
  readonly value: T;
}

/** Figures that were summed up by hand where an SDK instrument, at a microsecond a call, would cost too much; read at a scrape. */
export type SummedMetric = Named &
  (
    | { readonly kind: "counter"; readonly points: () => readonly Point<number>[] }
    | {
        readonly kind: "histogram";
        readonly bounds: readonly number[];
        readonly points: () => readonly Point<SummedHistogram>[];
      }
  );

/** Shows figures of our own to a reader of the SDK as if its instruments had gathered them. */
export function producerOf(metrics: readonly SummedMetric[]): MetricProducer {
  const startTime: HrTime = [Math.floor(Date.now() / 1000), 0];
  const resource = resourceFromAttributes({});
  const scope = { name: "tandem" };
  return {
    collect() {
      const endTime: HrTime = [Math.floor(Date.now() / 1000), 0];
      const data = metrics.map((metric) => dataOf(metric, { startTime, endTime }));
      return Promise.resolve({ resourceMetrics: { resource, scopeMetrics: [{ scope, metrics: data }] }, errors: [] });
    },
  };
}

type Times = Pick<DataPoint<unknown>, "startTime" | "endTime">;

function dataOf(metric: SummedMetric, times: Times): MetricData {
  const { name, description, unit = "" } = metric;
  const common = {
    descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (metric.kind === "counter") {
    const dataPoints = metric.points().map(({ labels, value }) => ({ ...times, attributes: labels, value }));
    return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  }
  const boundaries = [...metric.bounds];
  const dataPoints = metric.points().map(({ labels, value: { count, sum, counts } }) => ({
    ...times,
    attributes: labels,
    value: { count, sum, buckets: { boundaries, counts: Array.from(counts) } },
  }));
  return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
}
