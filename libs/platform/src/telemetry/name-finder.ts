/** Which of some names, told by its place among them, stands between two places of a buffer; -1 where none does. */
type NameFinder = (bytes: Uint8Array, from: number, to: number) => number;

/** Makes such a finder. To compare a few bytes is cheaper than to make a text of them. */
export function createNameFinder(names: readonly string[]): NameFinder {
  const encoded = names.map((name) => Buffer.from(name));
  const longest = Math.max(...encoded.map(({ length }) => length));
  /** By the length of the name, in which most names of a line differ. */
  const byLength = Array.from({ length: longest + 1 }, (_, length) =>
    encoded.flatMap((name, index) => (name.length === length ? [{ name, index }] : [])),
  );

  return (bytes, from, to) => {
    const length = to - from;
    if (length > longest) return -1;
    const candidates = byLength[length]!;
    for (let place = 0; place < candidates.length; place++) {
      const { name, index } = candidates[place]!;
      let rest = length;
      // Names that begin alike are more than those that end alike.
      while (rest > 0 && bytes[from + rest - 1] === name[rest - 1]) rest--;
      if (rest === 0) return index;
    }
    return -1;
  };
}
