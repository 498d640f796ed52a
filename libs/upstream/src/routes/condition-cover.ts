import { coversCondition, subjectOf, valuesOf, type Condition } from "./condition.ts";
import type { Scalar } from "./match-fields.ts";

interface Asking {
  readonly conditions: readonly Condition[];
}

/** What asks about the same subjects: those that ask for whole values by each choice of them, and the rest. */
interface Shelf<Item> {
  readonly byValues: Map<string, Item[]>;
  readonly broad: Item[];
}

/** Beyond these it is not looked whether one takes all of another: a fault more or less is not worth a long start. */
const mostBroad = 1000;
const mostChoices = 64;

/** Finds, among many, what holds wherever something else holds. */
export class ConditionCover<Item extends Asking> {
  readonly #shelves = new Map<string, Shelf<Item>>();
  readonly #subjects = new Map<string, readonly string[]>();

  add(item: Item): void {
    const signature = signatureOf(item);
    let shelf = this.#shelves.get(signature);
    if (!shelf) {
      this.#shelves.set(signature, (shelf = { byValues: new Map(), broad: [] }));
      this.#subjects.set(signature, sorted(item).map(subjectOf));
    }
    const choices = choicesOf(item);
    if (!choices) shelf.broad.push(item);
    else
      for (const choice of choices) {
        const items = shelf.byValues.get(choice);
        if (items) items.push(item);
        else shelf.byValues.set(choice, [item]);
      }
  }

  /** One that asks about the very same subjects, and holds wherever the other does. */
  coveringAlike(item: Item): Item | undefined {
    const shelf = this.#shelves.get(signatureOf(item));
    return shelf && coveringIn(shelf, item);
  }

  /** One that asks about the same subjects or fewer, and holds wherever the other does. */
  covering(item: Item): Item | undefined {
    const asked = new Set(item.conditions.map(subjectOf));
    for (const [signature, subjects] of this.#subjects) {
      if (!subjects.every((subject) => asked.has(subject))) continue;
      const shelf = this.#shelves.get(signature);
      const about = item.conditions.filter((condition) => subjects.includes(subjectOf(condition)));
      const holder = shelf && coveringIn(shelf, { conditions: about });
      if (holder) return holder;
    }
    return undefined;
  }
}

function coveringIn<Item extends Asking>({ byValues, broad }: Shelf<Item>, item: Asking): Item | undefined {
  const [choice] = choicesOf(item) ?? [];
  const conditions = sorted(item);
  const covers = (one: Item): boolean =>
    sorted(one).every((condition, index) => coversCondition(condition, conditions[index]!));
  return (
    (choice === undefined ? undefined : byValues.get(choice)?.find(covers)) ?? broad.slice(0, mostBroad).find(covers)
  );
}

const sorted = ({ conditions }: Asking): Condition[] =>
  conditions.toSorted((one, other) => (subjectOf(one) < subjectOf(other) ? -1 : 1));

const signatureOf = (item: Asking): string => JSON.stringify(sorted(item).map(subjectOf));

/** Every choice of one whole value a subject; undefined where one is not asked for, or where there are too many. */
function choicesOf(item: Asking): string[] | undefined {
  let choices: (readonly (Scalar | undefined)[])[] = [[]];
  for (const condition of sorted(item)) {
    const isAbsent = "matcher" in condition && condition.matcher.kind === "absent";
    const values = isAbsent ? [undefined] : valuesOf(condition);
    if (!values) return undefined;
    choices = choices.flatMap((choice) => [...values].map((value) => [...choice, value]));
    if (choices.length > mostChoices) return undefined;
  }
  return choices.map((choice) => JSON.stringify(choice.map((value) => (value === undefined ? [] : value))));
}
