import { z } from "zod";
import { commonFields, originFields } from "./line-fields.ts";

/** What the process itself has to tell its operators; beside these a line has the fields of its subject. */
export const processLine = z.looseObject({
  ...commonFields("process"),
  ...originFields,
  "error.message": z.string().optional(),
  "error.type": z.string().optional(),
  "error.stack_trace": z.string().optional().meta({ description: "At log.level debug." }),
});
