import type { ASTNode } from "@marcbachmann/cel-js";

/** What an operator works on: of `!` and `-` one expression, of all others and of a list as many as there are. */
export const operandsOf = (node: ASTNode): readonly ASTNode[] =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- calls, accesses, names and values are told apart before
  (Array.isArray(node.args) ? node.args : [node.args]) as readonly ASTNode[];
