import { GatewayError } from "@tandem/contracts/errors";
import { formatPath } from "@tandem/platform/config/diagnostic";
import { createIssueReader } from "@tandem/platform/config/zod-problems";
import { z } from "zod";

/** What an operator asks for, in the words of a schema; refuses anything else, naming each fault as a configuration file's is named. */
export function checkBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const reader = createIssueReader();
  const parsed = z.safeParse(schema, body, { error: reader.error });
  if (parsed.success) return parsed.data;
  const faults = reader.problems(parsed.error.issues, []).map(({ path, message, expected, suggestion }) => {
    const hint = suggestion === undefined ? expected && `; expected ${expected}` : `; did you mean ${suggestion}?`;
    return `${path.length > 0 ? `${formatPath(path)}: ` : ""}${message}${hint ?? ""}`;
  });
  throw new GatewayError("request.malformed", { detail: faults.join("\n") });
}
