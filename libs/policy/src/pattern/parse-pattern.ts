/** A range of UTF-16 code units, both ends included. */
export type Range = readonly [first: number, last: number];

/** What a pattern is made of. */
export type PatternNode =
  | { readonly kind: "set"; readonly ranges: readonly Range[] }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly part: PatternNode; readonly least: number; readonly most: number };

/** A pattern that is not of the language, and where it stops being so. */
export class PatternFault extends Error {
  /** From 0. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = "PatternFault";
    this.position = position;
  }
}

const last = 0xffff;
const longest = 256;
const mostRepeats = 100;
const digits: readonly Range[] = [[48, 57]];
const words: readonly Range[] = [[48, 57], [65, 90], [95, 95], [97, 122]]; // prettier-ignore
const spaces: readonly Range[] = [[9, 10], [12, 13], [32, 32]]; // prettier-ignore
const classes: Readonly<Record<string, readonly Range[]>> = { d: digits, w: words, s: spaces };
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12 };

/** Reads a regular expression of the part of RE2 that has neither flags, back-references nor look-around: see the README. */
export function parsePattern(text: string): PatternNode {
  if (text.length > longest) throw new PatternFault(`a pattern has at most ${longest} characters`, longest);
  const reader = new PatternReader(text);
  const node = reader.choice(0);
  if (!reader.done) throw new PatternFault("a parenthesis is closed that was never opened", reader.position);
  return node;
}

class PatternReader {
  position = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.position >= this.#text.length;
  }

  choice(depth: number): PatternNode {
    if (depth > 20) throw new PatternFault("nested too deeply", this.position);
    const parts = [this.#sequence(depth)];
    while (this.#take("|")) parts.push(this.#sequence(depth));
    return parts.length === 1 ? parts[0]! : { kind: "choice", parts };
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.done && this.#next() !== "|" && this.#next() !== ")") parts.push(this.#repeated(depth));
    return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
  }

  #repeated(depth: number): PatternNode {
    const start = this.position;
    const part = this.#atom(depth);
    const at = this.position;
    const bounds = this.#bounds();
    if (!bounds) return part;
    if (at === start + 1 && (part.kind === "start" || part.kind === "end"))
      throw new PatternFault("an anchor is never repeated", at);
    // How much it takes makes no difference to whether it matches.
    this.#take("?");
    if (this.#bounds()) throw new PatternFault("what is repeated already is put in parentheses first", at + 1);
    return { kind: "repeat", part, ...bounds };
  }

  #bounds(): { least: number; most: number } | undefined {
    if (this.#take("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take("?")) return { least: 0, most: 1 };
    if (this.#next() !== "{") return undefined;
    const [whole = "", low = "", comma, high] = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#rest()) ?? [];
    if (whole === "")
      throw new PatternFault("a brace counts, as in {2} or {1,3}; else it is written \\{", this.position);
    const least = Number(low);
    const most = comma === undefined ? least : high === undefined ? Number.POSITIVE_INFINITY : Number(high);
    const counted = most === Number.POSITIVE_INFINITY ? least : most;
    if (most < least) throw new PatternFault("the most is less than the least", this.position);
    if (counted > mostRepeats) throw new PatternFault(`at most ${mostRepeats} repetitions are counted`, this.position);
    this.position += whole.length;
    return { least, most };
  }

  #atom(depth: number): PatternNode {
    const at = this.position;
    const character = this.#pass();
    switch (character) {
      case "(":
        return this.#group(depth, at);
      case "[":
        return { kind: "set", ranges: this.#set(at) };
      case ".":
        return { kind: "set", ranges: complement([[10, 10]]) };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "\\":
        return { kind: "set", ranges: this.#escape(at) };
      case "*":
      case "+":
      case "?":
      case "{":
        throw new PatternFault("there is nothing to repeat", at);
      default:
        return { kind: "set", ranges: single(character) };
    }
  }

  #group(depth: number, at: number): PatternNode {
    if (this.#take("?") && !this.#take(":"))
      throw new PatternFault("only (…) and (?:…) are known: no flags, names, or looking around", at);
    const inner = this.choice(depth + 1);
    if (!this.#take(")")) throw new PatternFault("a parenthesis is never closed", at);
    return inner;
  }

  #set(at: number): readonly Range[] {
    const negated = this.#take("^");
    const ranges: Range[] = [];
    do {
      if (this.done) throw new PatternFault("a bracket is never closed", at);
      const start = this.position;
      const low = this.#member();
      if (this.#next() !== "-" || this.#text[this.position + 1] === "]") {
        ranges.push(...low);
        continue;
      }
      this.position++;
      if (this.done) throw new PatternFault("a bracket is never closed", at);
      const high = this.#member();
      const [first, end] = [low[0], high[0]];
      const plain = low.length === 1 && high.length === 1 && first![0] === first![1] && end![0] === end![1];
      if (!plain || end![0] < first![0]) throw new PatternFault("this is no range of characters", start);
      ranges.push([first![0], end![0]]);
    } while (!this.#take("]"));
    return negated ? complement(ranges) : ranges;
  }

  #member(): readonly Range[] {
    const at = this.position;
    const character = this.#pass();
    if (character === "[") throw new PatternFault("a bracket within brackets is written \\[", at);
    return character === "\\" ? this.#escape(at) : single(character);
  }

  #escape(at: number): readonly Range[] {
    if (this.done) throw new PatternFault("a backslash stands at the end", at);
    const character = this.#pass();
    const known = classes[character.toLowerCase()];
    if (known) return character === character.toLowerCase() ? known : complement(known);
    const control = controls[character];
    if (control !== undefined) return [[control, control]];
    if (/[a-zA-Z0-9]/.test(character)) throw new PatternFault(`\\${character} is not known here`, at);
    return single(character);
  }

  #rest(): string {
    return this.#text.slice(this.position);
  }

  #next(): string | undefined {
    return this.#text[this.position];
  }

  #pass(): string {
    return this.#text[this.position++]!;
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.position++;
    return true;
  }
}

function single(character: string): readonly Range[] {
  const code = character.charCodeAt(0);
  return [[code, code]];
}

function complement(ranges: readonly Range[]): readonly Range[] {
  const others: Range[] = [];
  let next = 0;
  for (const [first, end] of ranges.toSorted((one, other) => one[0] - other[0])) {
    if (first > next) others.push([next, first - 1]);
    next = Math.max(next, end + 1);
  }
  if (next <= last) others.push([next, last]);
  return others;
}
