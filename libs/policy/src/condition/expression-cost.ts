import type { ASTNode } from "@marcbachmann/cel-js";
import type { LinearMatcher } from "../pattern/linear-matcher.ts";
import { longestList, longestText, longestTotal } from "./facts.ts";
import { operandsOf } from "./operands.ts";

/** What an expression may come to at worst. */
interface Estimate {
  /** In nanoseconds, about. */
  readonly cost: number;
  /** The longest text in it: itself, or its longest item. */
  readonly longest: number;
  /** Of a list: how many items, and how long all of them together. */
  readonly count: number;
  readonly total: number;
}

/** Names that loops have bound, and what stands behind them. */
type Scope = ReadonlyMap<string, number>;

/** What the worst of requests may cost: a twentieth of a second. */
export const dearest = 50_000_000;

const step = 100;
const aList = { longest: longestText, count: longestList, total: longestTotal };
const aTruth = { longest: 1, count: 1, total: 1 };

/** Reckons what evaluating an expression can cost, whatever the request; loops multiply, and that is why there is a limit. */
export function expressionCost(ast: ASTNode, patterns: ReadonlyMap<string, LinearMatcher>): number {
  const of = (node: ASTNode, scope: Scope): Estimate => {
    if (node.op === "value") {
      const length = typeof node.args === "string" ? node.args.length : 1;
      return { cost: step, longest: length, count: 1, total: length };
    }
    if (node.op === "id") {
      const length = scope.get(node.args) ?? longestText;
      return { cost: step, longest: length, count: 1, total: length };
    }
    // Headers and query are read into a map once.
    if (node.op === ".") return { ...aList, cost: of(node.args[0], scope).cost + 20 * step };
    if (node.op === "[]") {
      const from = of(node.args[0], scope);
      return { ...from, cost: from.cost + of(node.args[1], scope).cost + step };
    }
    if (node.op === "call") return call(node.args[0], node.args[1], scope);
    return node.op === "rcall" ? method(node.args, scope) : operator(node, scope);
  };

  const operator = (node: ASTNode, scope: Scope): Estimate => {
    const parts = operandsOf(node).map((part) => of(part, scope));
    const cost = sum(parts, "cost") + step;
    const least = Math.min(...parts.map(({ total }) => total));
    const longest = Math.max(1, ...parts.map((part) => part.longest));
    const count = Math.max(...parts.map((part) => part.count));
    if (node.op === "list") return { cost, longest, count: parts.length, total: sum(parts, "total") };
    if (node.op === "+") {
      const total = sum(parts, "total");
      return { cost: cost + total, longest: total, count: sum(parts, "count"), total };
    }
    if (node.op === "?:") return { cost, longest, count, total: Math.max(...parts.map(({ total }) => total)) };
    return { ...aTruth, cost: cost + count * step + least };
  };

  const call = (name: string, args: readonly ASTNode[], scope: Scope): Estimate => {
    const parts = args.map((part) => of(part, scope));
    const cost = sum(parts, "cost") + step;
    const [first] = parts;
    if (name === "matches") {
      const pattern =
        args[1]?.op === "value" && typeof args[1].args === "string" ? patterns.get(args[1].args) : undefined;
      return { ...aTruth, cost: cost + (first?.longest ?? longestText) * (pattern?.steps ?? longestText) * 8 };
    }
    return {
      longest: first?.longest ?? 1,
      count: 1,
      total: first?.longest ?? 1,
      cost: cost + 10 * step + (first?.total ?? 0),
    };
  };

  const method = ([name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]], scope: Scope): Estimate => {
    const range = of(receiver, scope);
    const [variable, body] = args;
    if (variable?.op === "id" && body && loops.has(name)) {
      // Of all ways to share out the text, the dearest has as many of the longest items as there can be, and else empty ones.
      const within = (length: number): number => of(body, new Map([...scope, [variable.args, length]])).cost + 2 * step;
      const long = Math.ceil(range.total / Math.max(1, range.longest));
      const cost = range.cost + long * within(range.longest) + range.count * within(1);
      return { ...aTruth, cost };
    }
    const parts = args.map((part) => of(part, scope));
    const cost = range.cost + sum(parts, "cost") + step;
    if (name === "split")
      return {
        cost: cost + range.longest * 20,
        longest: range.longest,
        count: range.longest + 1,
        total: range.longest,
      };
    if (name === "contains") return { ...aTruth, cost: cost + (range.longest * (parts[0]?.longest ?? 1)) / 2 };
    if (name.startsWith("get")) return { ...aTruth, cost: cost + (args.length > 0 ? 1000 * step : 0) };
    return { longest: range.longest, count: 1, total: range.longest, cost: cost + range.longest * 2 };
  };

  return of(ast, new Map()).cost;
}

/** What walks over a list. */
export const loops: ReadonlySet<string> = new Set(["all", "exists", "exists_one"]);

const sum = (parts: readonly Estimate[], what: "cost" | "total" | "count"): number =>
  parts.reduce((all, part) => all + part[what], 0);
