/** Three labels at most; an empty one is left out. */
export type Labels = readonly [string, string, string];

/** Cells found by their labels without a key being built; past the limit every new combination shares one cell. */
export interface LabelTable<Cell> {
  readonly size: number;
  cell(first: string, second: string, third: string): Cell;
  entries(): readonly { readonly labels: Labels; readonly cell: Cell }[];
}

interface TableOptions<Cell> {
  readonly make: (labels: Labels) => Cell;
  /** No client may grow the table further than this. */
  readonly most: number;
}

const overflow: Labels = ["other", "other", "other"];

/** Makes a table of bounded size. */
export function createLabelTable<Cell>({ make, most }: TableOptions<Cell>): LabelTable<Cell> {
  const all: { readonly labels: Labels; readonly cell: Cell }[] = [];
  const root = new Map<string, Map<string, Map<string, Cell>>>();
  let spill: Cell | undefined;

  const add = (labels: Labels): Cell => {
    const cell = make(labels);
    all.push({ labels, cell });
    return cell;
  };
  const addUnder = (labels: Labels): Cell => {
    if (all.length >= most) return (spill ??= add(overflow));
    const [first, second, third] = labels;
    let middle = root.get(first);
    if (!middle) root.set(first, (middle = new Map()));
    let leaves = middle.get(second);
    if (!leaves) middle.set(second, (leaves = new Map()));
    const cell = add(labels);
    leaves.set(third, cell);
    return cell;
  };

  return {
    get size() {
      return all.length;
    },
    cell: (first, second, third) => root.get(first)?.get(second)?.get(third) ?? addUnder([first, second, third]),
    entries: () => all,
  };
}
