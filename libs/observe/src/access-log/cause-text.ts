import type { ProblemCode } from "@tandem/contracts/errors";
import { escapeControls } from "@tandem/platform/log/escape-controls";
import { redact } from "@tandem/platform/log/redact";

/** What a target looks like when an error quotes it with its query. */
const query = /\?[^\s"\\]*=[^\s"\\]*/g;

/** Why we failed, as JSON for operators: messages and codes down to the root, secrets taken out; a stack where the bug is ours. */
export function causeText(cause: unknown, code: ProblemCode | undefined): string {
  const shown = JSON.stringify(redact(cause, { stacks: code === "server.error" })) ?? '"unknown"';
  return escapeControls(shown.replaceAll(query, "?[query]"));
}
