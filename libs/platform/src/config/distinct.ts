import type { z } from "zod";

interface Naming<Item> {
  /** What tells one item from another. */
  readonly of: (item: Item) => string;
  /** Where in the item that stands, for the place of the problem; empty where the item is the name itself. */
  readonly at?: readonly string[];
}

/** Refuses a list in which two items bear one name, at each that comes later; for `superRefine`. */
export function distinct<Item>(what: string, { of, at = [] }: Naming<Item>) {
  return (items: readonly Item[], context: z.RefinementCtx): void => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const name = of(item);
      if (seen.has(name)) {
        const message = `the ${what} ${JSON.stringify(name)} is named twice`;
        context.addIssue({ code: "custom", path: [index, ...at], message });
      }
      seen.add(name);
    }
  };
}
