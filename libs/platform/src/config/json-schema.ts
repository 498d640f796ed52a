import { z } from "zod";

/** The JSON Schema of what a person writes, for completion in editors; what fields turn it into does not show. */
export function jsonSchemaOf(schema: z.ZodType, { title }: { readonly title?: string } = {}): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input", reused: "inline" });
  return { $schema, ...(title !== undefined && { title }), ...rest };
}
