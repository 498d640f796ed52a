import { parsePattern, PatternFault, type PatternNode, type Range } from "./parse-pattern.ts";

/** One step of a compiled pattern; `to` are the steps that follow. */
type Step =
  | { readonly kind: "set"; readonly ranges: readonly Range[]; to: number }
  | { readonly kind: "start" | "end"; to: number }
  | { readonly kind: "fork"; to: number; or: number }
  | { readonly kind: "match" };

const mostSteps = 1000;

/** A compiled pattern. */
export interface LinearMatcher {
  /** How much work one character of the text can make. */
  readonly steps: number;
  /** Tells whether the pattern matches anywhere in the text, as CEL and RE2 have it. */
  test(text: string): boolean;
}

/**
 * Compiles a pattern into all its states at once: a text of n characters costs at most n times their number, whatever
 * the pattern, where JavaScript's own engine tries one way after another. Throws a PatternFault.
 */
export function createLinearMatcher(text: string): LinearMatcher {
  const steps: Step[] = [];
  const add = (step: Step): number => {
    if (steps.length >= mostSteps) throw new PatternFault("the pattern comes to too many steps: count less", 0);
    return steps.push(step) - 1;
  };

  /** Adds the steps of a node, from its end: those that `next` follows. */
  const compile = (node: PatternNode, next: number): number => {
    if (node.kind === "set") return add({ kind: "set", ranges: node.ranges, to: next });
    if (node.kind === "sequence") return node.parts.reduceRight((follower, part) => compile(part, follower), next);
    if (node.kind === "choice")
      return node.parts.map((part) => compile(part, next)).reduceRight((or, to) => add({ kind: "fork", to, or }));
    return node.kind === "repeat" ? repeat(node, next) : add({ kind: node.kind, to: next });
  };
  const repeat = ({ part, least, most }: PatternNode & { kind: "repeat" }, next: number): number => {
    let entry = next;
    if (most === Number.POSITIVE_INFINITY) {
      const fork: Step & { kind: "fork" } = { kind: "fork", to: 0, or: next };
      entry = add(fork);
      fork.to = compile(part, entry);
    } else
      for (let more = least; more < most; more++) entry = add({ kind: "fork", to: compile(part, entry), or: next });
    for (let count = 0; count < least; count++) entry = compile(part, entry);
    return entry;
  };

  const first = compile(parsePattern(text), add({ kind: "match" }));
  return new StateMachine(steps, first);
}

class StateMachine implements LinearMatcher {
  readonly steps: number;
  readonly #program: readonly Step[];
  readonly #first: number;
  /** The round in which a step was last entered: it is never entered twice for one character. */
  readonly #entered: Float64Array;
  readonly #waiting: Uint16Array;
  #round = 0;
  #here: Uint16Array;
  #next: Uint16Array;
  #count = 0;

  constructor(program: readonly Step[], first: number) {
    this.steps = program.length;
    this.#program = program;
    this.#first = first;
    this.#entered = new Float64Array(program.length);
    this.#waiting = new Uint16Array(2 * program.length + 2);
    this.#here = new Uint16Array(program.length);
    this.#next = new Uint16Array(program.length);
  }

  test(text: string): boolean {
    const { length } = text;
    let count = 0;
    for (let position = 0; ; position++) {
      // A round enters what the character before led to, and the pattern anew: it may begin anywhere.
      this.#round++;
      this.#count = 0;
      for (let index = 0; index < count; index++) if (this.#enter(this.#here[index]!, position, length)) return true;
      if (this.#enter(this.#first, position, length)) return true;
      if (position === length) return false;
      count = this.#follow(text.charCodeAt(position));
    }
  }

  /** Enters a step and all that it leads to without a character; true where that is the end of the pattern. */
  #enter(step: number, position: number, length: number): boolean {
    const waiting = this.#waiting;
    let top = 0;
    waiting[top++] = step;
    while (top > 0) {
      const at = waiting[--top]!;
      if (this.#entered[at] === this.#round) continue;
      this.#entered[at] = this.#round;
      const current = this.#program[at]!;
      if (current.kind === "match") return true;
      if (current.kind === "set") this.#next[this.#count++] = at;
      else if (current.kind === "fork") {
        waiting[top++] = current.or;
        waiting[top++] = current.to;
      } else if (position === (current.kind === "start" ? 0 : length)) waiting[top++] = current.to;
    }
    return false;
  }

  /** Where the steps that wait for a character are led by this one; how many there are. */
  #follow(code: number): number {
    let count = 0;
    for (let index = 0; index < this.#count; index++) {
      const step = this.#program[this.#next[index]!]!;
      if (step.kind === "set" && holds(step.ranges, code)) this.#here[count++] = step.to;
    }
    return count;
  }
}

function holds(ranges: readonly Range[], code: number): boolean {
  for (const [first, last] of ranges) if (code >= first && code <= last) return true;
  return false;
}
