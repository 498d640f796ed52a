import { logSchemaText } from "@tandem/observe/log-schema/log-schema";
import { jsonSchemaOf } from "@tandem/platform/config/json-schema";
import { tandemSchema } from "@tandem/tiers/config";
import { Command } from "commander";

/** The JSON Schema of the configuration file, as text; `deploy/tandem.schema.json` holds the same. */
export const schemaText = (): string => `${JSON.stringify(jsonSchemaOf(tandemSchema, { title: "Tandem" }), null, 2)}\n`;

/** `tandem schema`: gives editors completion. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of the configuration file")
    .option("--log", "that of a line of the log instead")
    .action(({ log }: { log?: true }) => void process.stdout.write(log ? logSchemaText() : schemaText()));
}
