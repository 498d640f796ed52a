import type { HeaderList } from "@tandem/kernel/header-list";
import { verdict, type Tried } from "./candidate.ts";
import { bodyValue, subjectOf, unread, valuesOf, type BodyCondition, type Condition } from "./condition.ts";
import type { Scalar } from "./match-fields.ts";
import type { Question } from "./question.ts";

/** Candidates by one whole value that each of them asks for. */
type Files<Item> = Map<Scalar, Item[]>;

interface BodyFiles<Item> {
  readonly condition: BodyCondition;
  readonly files: Files<Item>;
  readonly all: Item[];
}

/** As many are tried one after the other faster than any of them is looked up. */
const fewest = 8;

/**
 * The candidates of one host, path and method, by rank. Many of them are filed by a whole value that each asks for: of a
 * header, a query parameter, the client, the audience or, where there is nothing else, of the body. So a look-up does not
 * grow with them; those that ask for no whole value are tried one after the other.
 */
export class Candidates<Item extends Tried> {
  readonly #all: Item[] = [];
  #filed = false;
  readonly #headers = new Map<string, Files<Item>>();
  readonly #query = new Map<string, Files<Item>>();
  readonly #clients: Files<Item> = new Map();
  readonly #audiences: Files<Item> = new Map();
  readonly #bodies = new Map<string, BodyFiles<Item>>();
  readonly #loose: Item[] = [];

  /** To be called in the order of rank. */
  add(candidate: Item): void {
    this.#all.push(candidate);
  }

  /** To be called once all are in. */
  finish(): void {
    if (this.#all.length <= fewest) return;
    this.#filed = true;
    const counts = countValues(this.#all);
    for (const candidate of this.#all) this.#file(candidate, rarest(candidate, counts));
  }

  *[Symbol.iterator](): Generator<Item> {
    yield* this.#all;
  }

  /** The most that are tried one after the other for one request. */
  get longest(): number {
    if (!this.#filed) return this.#all.length;
    const shelves = [this.#clients, this.#audiences, ...this.#headers.values(), ...this.#query.values()];
    for (const { files } of this.#bodies.values()) shelves.push(files);
    return Math.max(this.#loose.length, ...shelves.flatMap((files) => [...files.values()].map(({ length }) => length)));
  }

  /** The first for which nothing is known that speaks against it: all holds, or only its body is yet to be read. */
  find(question: Question): Item | undefined {
    if (!this.#filed) return firstOf(this.#all, question);
    let best = firstOf(this.#loose, question);
    if (this.#headers.size > 0) best = this.#byHeaders(question, best);
    if (this.#query.size > 0)
      for (const [name, values] of question.parameters)
        best = firstOf(this.#query.get(name)?.get(values[0]!), question, best);
    const { client, audiences } = question.principal;
    if (client !== undefined && this.#clients.size > 0) best = firstOf(this.#clients.get(client), question, best);
    if (audiences && this.#audiences.size > 0)
      for (const audience of audiences) best = firstOf(this.#audiences.get(audience), question, best);
    return this.#bodies.size > 0 ? this.#byBodies(question, best) : best;
  }

  #byHeaders(question: Question, found: Item | undefined): Item | undefined {
    const { headers } = question;
    let best = found;
    for (let index = 0; index < headers.length; index += 2) {
      const files = this.#headers.get(headers[index]!);
      if (files && isFirstLine(headers, index)) best = firstOf(files.get(headers[index + 1]!), question, best);
    }
    return best;
  }

  #byBodies(question: Question, found: Item | undefined): Item | undefined {
    let best = found;
    for (const { condition, files, all } of this.#bodies.values()) {
      const value = bodyValue(condition, question);
      if (value !== undefined) best = firstOf(value === unread ? all : files.get(value), question, best);
    }
    return best;
  }

  #file(candidate: Item, condition: Condition | undefined): void {
    const values = condition && valuesOf(condition);
    if (!values) return void this.#loose.push(candidate);
    const files = this.#filesOf(condition, candidate);
    for (const value of values) {
      const file = files.get(value);
      if (file) file.push(candidate);
      else files.set(value, [candidate]);
    }
  }

  #filesOf(condition: Condition, candidate: Item): Files<Item> {
    if ("matcher" in condition)
      return filesIn(condition.kind === "header" ? this.#headers : this.#query, condition.name);
    if (condition.kind !== "body") return condition.kind === "client" ? this.#clients : this.#audiences;
    const key = bodyKey(condition);
    let body = this.#bodies.get(key);
    if (!body) this.#bodies.set(key, (body = { condition, files: new Map(), all: [] }));
    body.all.push(candidate);
    return body.files;
  }
}

// Every line has to fit, so the first leads to all that could: what is looked up for each would grow with their square.
function isFirstLine(headers: HeaderList, index: number): boolean {
  for (let before = 0; before < index; before += 2) if (headers[before] === headers[index]) return false;
  return true;
}

/** The better of what was found before and the first of these that will do. */
function firstOf<Item extends Tried>(
  candidates: readonly Item[] | undefined,
  question: Question,
  before?: Item,
): Item | undefined {
  if (candidates)
    for (const candidate of candidates) {
      if (before && before.rank <= candidate.rank) return before;
      if (verdict(candidate, question) !== false) return candidate;
    }
  return before;
}

function filesIn<Item>(shelf: Map<string, Files<Item>>, name: string): Files<Item> {
  let files = shelf.get(name);
  if (!files) shelf.set(name, (files = new Map()));
  return files;
}

const bodyKey = ({ limit, name }: BodyCondition): string => `${limit} ${name}`;

const keyOf = (condition: Condition): string =>
  condition.kind === "body" ? `body ${bodyKey(condition)}` : subjectOf(condition);

type Counts = ReadonlyMap<string, ReadonlyMap<Scalar, number>>;

function countValues(candidates: readonly Tried[]): Counts {
  const counts = new Map<string, Map<Scalar, number>>();
  for (const { conditions } of candidates)
    for (const condition of conditions) {
      const key = keyOf(condition);
      const values = counts.get(key) ?? new Map<Scalar, number>();
      counts.set(key, values);
      for (const value of valuesOf(condition) ?? []) values.set(value, (values.get(value) ?? 0) + 1);
    }
  return counts;
}

/** The condition whose values the fewest others ask for; one on the body only where no other will do, for it may have to be read. */
function rarest({ conditions }: Tried, counts: Counts): Condition | undefined {
  const crowd = (condition: Condition): number => {
    const known = counts.get(keyOf(condition));
    const most = Math.max(...[...(valuesOf(condition) ?? [])].map((value) => known?.get(value) ?? 0));
    return condition.kind === "body" ? most + 1e9 : most;
  };
  return conditions.filter((condition) => valuesOf(condition)).toSorted((one, other) => crowd(one) - crowd(other))[0];
}
