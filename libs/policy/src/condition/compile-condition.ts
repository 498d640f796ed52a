import { ParseError, TypeError as CelTypeError } from "@marcbachmann/cel-js";
import { dearest, expressionCost } from "./expression-cost.ts";
import { ExpressionFault } from "./expression-fault.ts";
import type { Facts } from "./facts.ts";
import { failureInWords } from "./failure-in-words.ts";
import { inspectExpression, unknownName, type Inspection } from "./inspect-expression.ts";
import { Outcomes } from "./outcomes.ts";
import { createLanguage, fields, longestExpression, variables } from "./language.ts";

/** A condition that is ready: type-checked, within its bounds, and told what it looks at. */
export interface Condition extends Inspection {
  readonly text: string;
  /** Never throws: what cannot be evaluated, such as a header that is not there, is an Error. */
  test(facts: Facts): boolean | Error;
}

/** Compiles an expression; throws an ExpressionFault at the character that is wrong. */
export function compileCondition(text: string): Condition {
  if (text.length > longestExpression)
    throw new ExpressionFault(`found ${text.length} characters`, 0, { expected: `at most ${longestExpression}` });
  const language = createLanguage();
  const parsed = parse(() => language.environment.parse(text));
  const inspection = inspectExpression(parsed.ast, language);
  const { valid, type = "", error } = parsed.check();
  if (!valid) throw faultOf(error);
  if (type !== "bool") throw new ExpressionFault(`this is a ${type}`, parsed.ast.start, { expected: "true or false" });
  if (expressionCost(parsed.ast, language.patterns) > dearest)
    throw new ExpressionFault("this could take too long: a loop in a loop, or a long text searched for another", 0);
  const test = (facts: Facts): boolean | Error => {
    try {
      const value: unknown = parsed({ principal: facts.principal, request: facts.request, route: facts.route });
      return typeof value === "boolean" ? value : new Error("it came to neither true nor false");
    } catch (failure) {
      return failureInWords(failure);
    }
  };
  if (!inspection.principalOnly) return { ...inspection, text, test };
  const outcomes = new Outcomes();
  const testOnce = (facts: Facts): boolean | Error => {
    const known = outcomes.known(facts.caller);
    if (known !== undefined) return known;
    const outcome = test(facts);
    outcomes.keep(facts.caller, outcome);
    return outcome;
  };
  return { ...inspection, text, test: testOnce };
}

function parse<T>(parsing: () => T): T {
  try {
    return parsing();
  } catch (error) {
    throw faultOf(error);
  }
}

/** The library's errors, with its own picture of the place left out: the file's place and its line are shown instead. */
function faultOf(error: unknown): Error {
  if (!(error instanceof ParseError) && !(error instanceof CelTypeError))
    return error instanceof Error ? error : new Error(String(error));
  const offset = error.range?.start ?? 0;
  const [, name] = /^(?:No such key|Unknown variable): (.+)$/.exec(error.summary) ?? [];
  const known = [...Object.keys(variables), ...Object.values(fields).flatMap((one) => Object.keys(one))];
  if (name !== undefined) return unknownName(name, offset, [...new Set(known)]);
  return new ExpressionFault(error.summary.charAt(0).toLowerCase() + error.summary.slice(1), offset);
}
