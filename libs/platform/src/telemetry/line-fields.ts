import { createNameFinder } from "./name-finder.ts";

const quote = 34;
const comma = 44;
const colon = 58;
const openingBracket = 91;
const backslash = 92;
const closingBracket = 93;
const openingBrace = 123;
const closingBrace = 125;

/** Where something stands in a buffer: the value of a field, say; both 0 where there is none. */
export interface FieldRange {
  from: number;
  to: number;
}

/**
 * Makes the finder of some fields in lines of JSON without blanks, which gives their places in the order of the names. It looks
 * no further than the field called `last`, and gives none where neither that nor the end of a whole object comes. It makes no
 * text and no object, as the central log wants a dozen fields of every line; and as the line stands in a buffer with others, it
 * never looks beyond its end.
 */
export function createFieldFinder(
  names: readonly string[],
  last: string,
): (bytes: Uint8Array, line: Readonly<FieldRange>, found: readonly FieldRange[]) => void {
  const nameAt = createNameFinder([...names, last]);

  return (bytes, { from, to }, found) => {
    forget(found);
    let at = from;
    // Each turn begins at the brace or the comma before a field.
    for (let before = openingBrace; at >= 0 && at < to && bytes[at] === before; before = comma) {
      const colonAt = endOfString(bytes, at + 1, to);
      if (colonAt < 0 || colonAt >= to || bytes[colonAt] !== colon) break;
      const index = nameAt(bytes, at + 2, colonAt - 1);
      if (index === names.length) return;
      const end = endOfValue(bytes, colonAt + 1, to);
      if (index >= 0) {
        found[index]!.from = colonAt + 1;
        found[index]!.to = end;
      }
      at = end;
      if (at === to - 1 && bytes[at] === closingBrace) return;
    }
    forget(found);
  };
}

function forget(found: readonly FieldRange[]): void {
  for (const range of found) {
    range.from = 0;
    range.to = 0;
  }
}

/** These three give the place behind what begins at `start`, and -1 if it does not begin there or end before `to`. */
function endOfString(bytes: Uint8Array, start: number, to: number): number {
  if (start >= to || bytes[start] !== quote) return -1;
  // One comparison a byte, as this loop is most of the work: backslashes are looked for at the quotes.
  for (let at = start + 1; at < to; at++)
    if (bytes[at] === quote && (bytes[at - 1] !== backslash || !isEscaped(bytes, at))) return at + 1;
  return -1;
}

function endOfValue(bytes: Uint8Array, start: number, to: number): number {
  if (start >= to) return -1;
  const first = bytes[start];
  if (first === quote) return endOfString(bytes, start, to);
  if (first === openingBrace || first === openingBracket) return endOfNested(bytes, start, to);
  for (let at = start; at < to; at++) {
    const byte = bytes[at];
    if (byte === comma || byte === closingBrace) return at > start ? at : -1;
  }
  return -1;
}

function endOfNested(bytes: Uint8Array, start: number, to: number): number {
  let depth = 0;
  for (let at = start; at < to; at++) {
    const byte = bytes[at];
    if (byte === openingBrace || byte === openingBracket) depth++;
    else if (byte === closingBrace || byte === closingBracket) {
      if (--depth === 0) return at + 1;
    } else if (byte === quote) {
      at = endOfString(bytes, at, to) - 1;
      if (at < 0) return -1;
    }
  }
  return -1;
}

/** An odd number of backslashes is before it. */
function isEscaped(bytes: Uint8Array, at: number): boolean {
  let before = at - 1;
  while (bytes[before] === backslash) before--;
  return (at - before) % 2 === 0;
}
