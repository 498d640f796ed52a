import type { ProblemCode } from "@tandem/contracts/errors";
import { describeError, type ErrorFields } from "@tandem/platform/log/describe-error";
import { escapeControls } from "@tandem/platform/log/escape-controls";
import { redact } from "@tandem/platform/log/redact";
import { quote } from "./json-text.ts";

/** What a target looks like when an error quotes it with its query, which may be a bare word. */
const query = /\?[\w%&=][^\s"\\]*/g;
const longest = 4096;

/** Why we failed, for operators: messages and codes down to the root, secrets taken out; a stack where the bug is ours. */
export function causeFields(cause: unknown, code: ProblemCode | undefined): string {
  const fields = describeError(cause, code === "server.error");
  const message = `,"error.message":${quote(shown(chainOf(fields)), longest)}`;
  return fields.stack === undefined ? message : `${message},"error.stack_trace":${quote(shown(fields.stack), longest)}`;
}

/** The same as one text, without a stack. */
export const causeText = (cause: unknown): string => escapeControls(shown(chainOf(describeError(cause, false))));

function chainOf({ message, code, cause, errors }: ErrorFields): string {
  const several = errors ? ` [${errors.map(chainOf).join("; ")}]` : "";
  const named = code === undefined ? "" : ` (${code})`;
  return `${message}${named}${several}${cause ? ` <- ${chainOf(cause)}` : ""}`;
}

const shown = (text: string): string => String(redact(text, { stacks: false })).replaceAll(query, "?[query]");
