/** Three labels at most; an empty one is left out. */
export type CellLabels = readonly [string, string, string];

/** Cells found by their labels without a key being built. */
export interface LabelTable<Cell> {
  readonly size: number;
  cell(first: string, second: string, third: string): Cell;
  /** In the order in which they were made; may be read while others are added. */
  readonly entries: readonly Entry<Cell>[];
}

export interface Entry<Cell> {
  readonly labels: CellLabels;
  readonly cell: Cell;
}

interface TableOptions<Cell> {
  readonly make: (labels: CellLabels) => Cell;
  /** Combinations that are told apart; the table grows no further, but for a cell of `other` for each third label. */
  readonly most: number;
}

/**
 * Makes a table of bounded size. Past the limit a new combination is counted under `other`, with its third label kept:
 * that one is always of a closed vocabulary, a status or an outcome, so that sums by it stay true.
 */
export function createLabelTable<Cell>({ make, most }: TableOptions<Cell>): LabelTable<Cell> {
  const entries: Entry<Cell>[] = [];
  const root = new Map<string, Map<string, Map<string, Cell>>>();
  const spilled = new Map<string, Cell>();
  let told = 0;
  /** Most requests are like the one before, and to compare is cheaper than to look up. */
  let latest: Cell | undefined;
  let [latestFirst, latestSecond, latestThird] = ["", "", ""];

  const add = (labels: CellLabels): Cell => {
    const cell = make(labels);
    entries.push({ labels, cell });
    return cell;
  };
  const spill = (first: string, second: string, third: string): Cell => {
    let cell = spilled.get(third);
    // An empty label means that there is none, also among those that were not told apart.
    if (cell === undefined) spilled.set(third, (cell = add([first && "other", second && "other", third])));
    return cell;
  };
  const addUnder = (first: string, second: string, third: string): Cell => {
    if (told >= most) return spill(first, second, third);
    told++;
    let middle = root.get(first);
    if (!middle) root.set(first, (middle = new Map()));
    let leaves = middle.get(second);
    if (!leaves) middle.set(second, (leaves = new Map()));
    const cell = add([first, second, third]);
    leaves.set(third, cell);
    return cell;
  };

  return {
    get size() {
      return entries.length;
    },
    cell(first, second, third) {
      if (latest !== undefined && third === latestThird && first === latestFirst && second === latestSecond)
        return latest;
      latest = root.get(first)?.get(second)?.get(third) ?? addUnder(first, second, third);
      latestFirst = first;
      latestSecond = second;
      latestThird = third;
      return latest;
    },
    entries,
  };
}
