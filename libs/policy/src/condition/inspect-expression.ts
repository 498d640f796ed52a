import type { ASTNode } from "@marcbachmann/cel-js";
import { nearest } from "@tandem/platform/config/nearest";
import { PatternFault } from "../pattern/parse-pattern.ts";
import { loops } from "./expression-cost.ts";
import { ExpressionFault } from "./expression-fault.ts";
import { refuseImpossible } from "./impossible-text.ts";
import { operandsOf } from "./operands.ts";
import { fields, learnNetwork, learnPattern, variables, type Language } from "./language.ts";

/** What an expression looks at. */
export interface Inspection {
  /** Whether it asks for nothing but the caller. */
  readonly principalOnly: boolean;
  readonly headers: ReadonlySet<string> | "all";
  readonly query: ReadonlySet<string> | "all";
  /** Parameters that it asks for by name. */
  readonly params: readonly Lookup[];
  /** Headers that it asks for by name, in a loop over all of them or not. */
  readonly headerLookups: readonly Lookup[];
}

/** A name that an expression asks for, and where it stands. */
export interface Lookup {
  readonly name: string;
  readonly offset: number;
}

const conversions = ["size", "int", "double", "string", "timestamp"];
const functions = new Set(["has", "matches", "inCidr", "duration", ...conversions]);
const times = ["FullYear", "Month", "Date", "DayOfMonth", "DayOfWeek", "DayOfYear", "Hours", "Minutes", "Seconds"];
const texts = ["startsWith", "endsWith", "contains", "lowerAscii", "upperAscii", "trim", "split", "size"];
const methods = new Set([...loops, ...texts, ...times.map((name) => `get${name}`)]);

/** Holds an expression against what conditions may use, compiles its literals, and notes what it looks at; throws an ExpressionFault. */
export function inspectExpression(ast: ASTNode, language: Language): Inspection {
  const inspector = new Inspector(language);
  inspector.visit(ast, new Set());
  const { seen, headers, query, params, headerLookups } = inspector;
  if (seen.size === 0) throw new ExpressionFault("this is the same for every request", ast.start);
  return { principalOnly: seen.size === 1 && seen.has("principal"), headers, query, params, headerLookups };
}

type Scope = ReadonlySet<string>;

class Inspector {
  readonly seen = new Set<string>();
  readonly params: Lookup[] = [];
  readonly headerLookups: Lookup[] = [];
  headers: Set<string> | "all" = new Set();
  query: Set<string> | "all" = new Set();
  readonly #language: Language;

  constructor(language: Language) {
    this.#language = language;
  }

  visit(node: ASTNode, scope: Scope): void {
    if (node.op === "value") return;
    refuseImpossible(node);
    if (node.op === "id") this.#name(node.args, node.start, scope);
    else if (node.op === "call") this.#call(node.args[0], node.args[1], { node, scope });
    else if (node.op === "rcall") this.#method(node.args, scope);
    else if (node.op === "." || node.op === "[]") this.#access(node, scope);
    else if (node.op === "map" || node.op === ".?" || node.op === "[?]")
      throw new ExpressionFault("conditions have no maps of their own, and no optional values", node.start);
    else if (node.op === "in") {
      this.visit(node.args[0], scope);
      this.#keyed(node.args[1], node.args[0], scope);
    } else for (const part of operandsOf(node)) this.visit(part, scope);
  }

  #name(name: string, offset: number, scope: Scope): void {
    if (scope.has(name)) return;
    if (!Object.hasOwn(variables, name)) throw unknownName(name, offset, [...Object.keys(variables), ...scope]);
    this.seen.add(name);
  }

  #access(node: ASTNode & { op: "." | "[]" }, scope: Scope): void {
    const [of, key] = node.args;
    if (typeof key !== "string") this.visit(key, scope);
    this.#keyed(of, key, scope);
    const map = requestMap(node);
    if (map === "headers" || map === "query") this[map] = "all";
  }

  /** A look into headers, query or parameters by a name that stands there reads that one alone. */
  #keyed(of: ASTNode, key: ASTNode | string, scope: Scope): void {
    const map = requestMap(of);
    const name =
      typeof key === "string" ? key : key.op === "value" && typeof key.args === "string" ? key.args : undefined;
    if (map === undefined || name === undefined) return this.visit(of, scope);
    this.seen.add("request");
    const offset = typeof key === "string" ? of.end + 1 : key.start;
    if (map === "params") this.params.push({ name, offset });
    else {
      if (map === "headers" && name !== name.toLowerCase())
        throw new ExpressionFault("names of headers are in small letters", offset, { suggestion: name.toLowerCase() });
      if (map === "headers") this.headerLookups.push({ name, offset });
      const names = this[map];
      if (names !== "all") names.add(name);
    }
  }

  #call(name: string, args: readonly ASTNode[], { node, scope }: { node: ASTNode; scope: Scope }): void {
    if (!functions.has(name)) throw unknownFunction(name, node.start, functions);
    if (name === "has") this.#has(args[0]);
    for (const part of args) this.visit(part, scope);
    if (name === "matches") this.#pattern(literalOf(args[1], "matches", "pattern"), args[1]!);
    if (name === "duration") literalOf(args[0], "duration", "duration");
    if (name === "inCidr" && !learnNetwork(this.#language, literalOf(args[1], "inCidr", "network")))
      throw new ExpressionFault("this is no network", args[1]!.start, { expected: 'such as "10.0.0.0/8"' });
  }

  #pattern(text: string, node: ASTNode): void {
    try {
      learnPattern(this.#language, text);
    } catch (error) {
      if (!(error instanceof PatternFault)) throw error;
      // Escapes make the source longer than the text; then only the beginning is sure.
      const plain = node.input.slice(node.start + 1, node.end - 1) === text;
      throw new ExpressionFault(error.message, plain ? node.start + 1 + error.position : node.start);
    }
  }

  /** CEL checks no name within `has`, so that a mistyped one would never be there. */
  #has(node: ASTNode | undefined): void {
    if (node?.op !== "." || requestMap(node.args[0])) return;
    const type = typeOf(node.args[0]);
    const known = type === undefined ? undefined : fields[type];
    if (known && !Object.hasOwn(known, node.args[1]))
      throw unknownName(node.args[1], node.end - node.args[1].length, Object.keys(known));
    this.#has(node.args[0]);
  }

  #method([name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]], scope: Scope): void {
    if (name === "matches") {
      const expected = 'matches(text, "pattern")';
      throw new ExpressionFault("matches is no method here", receiver.end + 1, { expected });
    }
    if (!methods.has(name)) throw unknownFunction(name, receiver.end + 1, methods);
    this.visit(receiver, scope);
    const [variable, body] = args;
    if (!loops.has(name) || variable?.op !== "id" || !body) {
      if (name.startsWith("get") && args[0]) this.#zone(literalOf(args[0], name, "time zone"), args[0]);
      for (const part of args) this.visit(part, scope);
      return;
    }
    if (Object.hasOwn(variables, variable.args) || scope.has(variable.args))
      throw new ExpressionFault(`${variable.args} has a meaning already`, variable.start, {
        expected: "a name of its own",
      });
    this.visit(body, new Set([...scope, variable.args]));
  }

  #zone(zone: string, { start }: ASTNode): void {
    try {
      Intl.DateTimeFormat("en-US", { timeZone: zone });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ExpressionFault("this is no time zone", start, { expected: 'such as "Europe/Berlin"' });
    }
  }
}

/** Which of the request's maps an expression is, where it is one. */
function requestMap(node: ASTNode): "headers" | "query" | "params" | undefined {
  if (node.op !== "." && node.op !== "[]") return undefined;
  const [of, key] = node.args;
  const name = typeof key === "string" ? key : key.op === "value" ? key.args : undefined;
  if (of.op !== "id" || of.args !== "request") return undefined;
  return name === "headers" || name === "query" || name === "params" ? name : undefined;
}

function typeOf(node: ASTNode): string | undefined {
  if (node.op === "id") return new Map<string, string>(Object.entries(variables)).get(node.args);
  if (node.op !== ".") return undefined;
  const above = typeOf(node.args[0]);
  return above === undefined ? undefined : fields[above]?.[node.args[1]];
}

function literalOf(node: ASTNode | undefined, name: string, what: string): string {
  if (node?.op === "value" && typeof node.args === "string") return node.args;
  throw new ExpressionFault(`${name} takes its ${what} as a literal text, not from the request`, node?.start ?? 0);
}

/** A name that the language does not know, and the one that was probably meant. */
export function unknownName(name: string, offset: number, known: readonly string[]): ExpressionFault {
  const suggestion = nearest(name, known);
  return new ExpressionFault(
    `there is no ${name} here`,
    offset,
    suggestion === undefined ? { expected: known.join(", ") } : { suggestion },
  );
}

function unknownFunction(name: string, offset: number, known: ReadonlySet<string>): ExpressionFault {
  const suggestion = nearest(name, known);
  return new ExpressionFault(
    `conditions have no function ${name}`,
    offset,
    suggestion === undefined ? { expected: [...known].join(", ") } : { suggestion },
  );
}
