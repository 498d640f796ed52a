import { StoreUnavailable, type Swap } from "./store.ts";

/** The tables of a store in memory; together they hold no more than so many fields. */
export class MemoryTables {
  readonly #maxFields: number;
  readonly #tables = new Map<string, Map<string, string>>();
  #size = 0;

  constructor(maxFields: number) {
    this.#maxFields = maxFields;
  }

  get(table: string): ReadonlyMap<string, string> | undefined {
    return this.#tables.get(table);
  }

  /** All or none. */
  set(table: string, fields: ReadonlyMap<string, string>): void {
    const known = this.#tables.get(table);
    const added = [...fields.keys()].filter((field) => !known?.has(field)).length;
    if (this.#size + added > this.#maxFields) throw new StoreUnavailable("the store is full");
    const rows = known ?? new Map<string, string>();
    for (const [field, value] of fields) rows.set(field, value);
    if (rows.size > 0) this.#tables.set(table, rows);
    this.#size += added;
  }

  swap(table: string, field: string, { before, after }: Swap): boolean {
    const rows = this.#tables.get(table);
    if (rows?.get(field) !== before) return false;
    if (after !== undefined) this.set(table, new Map([[field, after]]));
    else if (rows?.delete(field)) {
      this.#size--;
      if (rows.size === 0) this.#tables.delete(table);
    }
    return true;
  }

  clear(): void {
    this.#tables.clear();
    this.#size = 0;
  }
}
