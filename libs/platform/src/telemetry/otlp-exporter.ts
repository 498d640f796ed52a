import { OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from "@opentelemetry/otlp-exporter-base/node-http";
import type { ISerializer } from "@opentelemetry/otlp-transformer";
import type { ExporterSettings } from "./collector.ts";

/** What OpenTelemetry's variables of the environment call the signal. */
const variables = { log: "LOGS", span: "TRACES" };
/** The one of the signal stands in the URL already. */
const noPath = "";

interface OtlpOptions<Item> {
  readonly item: keyof typeof variables;
  readonly encode: (items: readonly Item[]) => Uint8Array;
  readonly decodeAnswer: ISerializer<never, unknown>["deserializeResponse"];
}

/** OpenTelemetry's exporter with an encoder of ours: sending, repeats, deadlines and partial refusals stay with it. */
export function createOtlpExporter<Item>(
  settings: ExporterSettings,
  { item, encode, decodeAnswer }: OtlpOptions<Item>,
): OTLPExporterBase<readonly Item[]> {
  return new OTLPExporterBase(
    createOtlpHttpExportDelegate(
      convertLegacyHttpOptions(settings, variables[item], noPath, { "Content-Type": "application/x-protobuf" }),
      { serializeRequest: encode, deserializeResponse: decodeAnswer },
      `otlp_http_${item}_exporter`,
      { name: item, countItems: (items: readonly Item[]) => items.length },
      undefined,
    ),
  );
}
