import { OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from "@opentelemetry/otlp-exporter-base/node-http";
import type { ISerializer } from "@opentelemetry/otlp-transformer";
import type { ExporterSettings } from "./collector.ts";

/** What OpenTelemetry's variables call the signal, and its usual path. */
const signals = {
  log: { variables: "LOGS", path: "v1/logs" },
  span: { variables: "TRACES", path: "v1/traces" },
};

interface OtlpOptions<Item> {
  readonly item: keyof typeof signals;
  readonly encode: (items: readonly Item[]) => Uint8Array;
  readonly decodeAnswer: ISerializer<never, unknown>["deserializeResponse"];
}

/** OpenTelemetry's exporter with an encoder of ours: sending, repeats, deadlines and partial refusals stay with it. */
export function createOtlpExporter<Item>(
  settings: ExporterSettings,
  { item, encode, decodeAnswer }: OtlpOptions<Item>,
): OTLPExporterBase<readonly Item[]> {
  const { variables, path } = signals[item];
  return new OTLPExporterBase(
    createOtlpHttpExportDelegate(
      convertLegacyHttpOptions(settings, variables, path, { "Content-Type": "application/x-protobuf" }),
      { serializeRequest: encode, deserializeResponse: decodeAnswer },
      `otlp_http_${item}_exporter`,
      { name: item, countItems: (items: readonly Item[]) => items.length },
      undefined,
    ),
  );
}
