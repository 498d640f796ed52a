import type { ASTNode } from "@marcbachmann/cel-js";
import { carriedMethods } from "@tandem/kernel/hygiene/request-method";
import { nearest } from "@tandem/platform/config/nearest";
import { ExpressionFault } from "./expression-fault.ts";

/** Throws an ExpressionFault where method, host or path are compared with a literal that none of them ever is. */
export function refuseImpossible(node: ASTNode): void {
  if (node.op === "==" || node.op === "!=") {
    const [left, right] = node.args;
    check(left, right);
    check(right, left);
  } else if (node.op === "in") {
    const [left, right] = node.args;
    if (right.op === "list") for (const item of right.args) check(left, item);
  } else if (node.op === "rcall" && node.args[0] === "startsWith") {
    const [, receiver, [prefix]] = node.args;
    // Every text begins with the empty one.
    if (prefix && fieldOf(receiver) === "path" && prefix.args !== "") check(receiver, prefix);
  }
}

function check(field: ASTNode, literal: ASTNode): void {
  const name = fieldOf(field);
  if (name === undefined || literal.op !== "value" || typeof literal.args !== "string") return;
  const text = literal.args;
  if (name === "method" && !carriedMethods.has(text)) {
    const suggestion = nearest(text.toUpperCase(), [...carriedMethods]);
    throw new ExpressionFault(
      `no request has the method ${text}`,
      literal.start,
      suggestion === undefined ? {} : { suggestion },
    );
  }
  if (name === "host" && /[A-Z]/.test(text))
    throw new ExpressionFault("hosts are in small letters", literal.start, { suggestion: text.toLowerCase() });
  // An address that is all colons ends in a bracket.
  if (name === "host" && /:[0-9]*$/.test(text))
    throw new ExpressionFault("the host is compared without its port", literal.start);
  // An asterisk is what OPTIONS may ask for.
  if (name === "path" && !text.startsWith("/") && text !== "*")
    throw new ExpressionFault("every path begins with a slash", literal.start);
}

function fieldOf(node: ASTNode): "method" | "host" | "path" | undefined {
  if (node.op !== ".") return undefined;
  const [of, name] = node.args;
  if (of.op !== "id" || of.args !== "request") return undefined;
  return name === "method" || name === "host" || name === "path" ? name : undefined;
}
