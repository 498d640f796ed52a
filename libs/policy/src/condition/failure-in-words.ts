import { EvaluationError, TypeError as CelTypeError, type ASTNode } from "@marcbachmann/cel-js";
import { TooMuch } from "./facts.ts";

/**
 * Why an evaluation failed, without a value of the request: the library's own sentence may quote a cookie, and this one
 * goes into the record. What stands in the expression itself may be said.
 */
export function failureInWords(failure: unknown): Error {
  if (failure instanceof TooMuch) return failure;
  if (!(failure instanceof EvaluationError) && !(failure instanceof CelTypeError))
    return new Error(`it failed with a ${failure instanceof Error ? failure.name : typeof failure}`);
  const { code, node, range, summary } = failure;
  const key = writtenKey(node);
  if (key !== undefined && summary === `No such key: ${key}`) return new Error(summary);
  const where = range === undefined ? "" : ` at character ${range.start + 1}`;
  return new Error(code.replaceAll("_", " ") + where);
}

function writtenKey(node: ASTNode | undefined): string | undefined {
  if (node?.op !== "." && node?.op !== "[]") return undefined;
  const [, key] = node.args;
  if (typeof key === "string") return key;
  return key.op === "value" && typeof key.args === "string" ? key.args : undefined;
}
