import { jsonSchemaOf } from "@tandem/platform/config/json-schema";
import { z } from "zod";
import { connectionLine } from "./connection-line.ts";
import { processLine } from "./process-line.ts";
import { requestLine } from "./request-line.ts";

/** Every kind of line that a gateway writes, told apart by `event.dataset`. */
export const logLine = z.discriminatedUnion("event.dataset", [requestLine, connectionLine, processLine]);

/** The JSON Schema of a log line, as text; `deploy/log.schema.json` holds the same. */
export const logSchemaText = (): string =>
  `${JSON.stringify(jsonSchemaOf(logLine, { title: "A line of Tandem's log" }), null, 2)}\n`;
