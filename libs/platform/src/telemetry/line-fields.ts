const quote = 34;
const comma = 44;
const colon = 58;
const openingBracket = 91;
const backslash = 92;
const closingBracket = 93;
const openingBrace = 123;
const closingBrace = 125;

/** Where the value of a field stands in a line of JSON; both 0 where there is none. */
export interface FieldRange {
  from: number;
  to: number;
}

/**
 * Makes the finder of some fields in lines of JSON without blanks, which gives their places in the order of the names. It looks
 * no further than the field called `last`, and gives none where neither that nor the end of a whole object comes. It makes no
 * text and no object: the central log wants a dozen fields of every line.
 */
export function createFieldFinder(
  names: readonly string[],
  last: string,
): (line: string, found: readonly FieldRange[]) => void {
  const lastKey = `"${last}":`;
  /** By the length of the name, in which most names of a line differ. */
  const byLength: (readonly number[] | undefined)[] = [];
  for (const [index, { length }] of names.entries()) byLength[length] = [...(byLength[length] ?? []), index];

  const indexOf = (line: string, from: number, to: number): number => {
    const candidates = byLength[to - from];
    if (candidates !== undefined)
      for (const index of candidates) if (line.startsWith(names[index]!, from)) return index;
    return -1;
  };

  return (line, found) => {
    forget(found);
    let at = 0;
    // Each turn begins at the brace or the comma before a field.
    for (let before = openingBrace; line.charCodeAt(at) === before; before = comma) {
      const colonAt = endOfString(line, at + 1);
      if (line.charCodeAt(colonAt) !== colon) break;
      if (colonAt - at === lastKey.length && line.startsWith(lastKey, at + 1)) return;
      const end = endOfValue(line, colonAt + 1);
      const index = indexOf(line, at + 2, colonAt - 1);
      if (index >= 0) {
        found[index]!.from = colonAt + 1;
        found[index]!.to = end;
      }
      at = end;
      if (at === line.length - 1 && line.charCodeAt(at) === closingBrace) return;
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

/** These three give the place behind what begins at `start`, and -1, where there is no character, if it does not begin or end. */
function endOfString(line: string, start: number): number {
  if (line.charCodeAt(start) !== quote) return -1;
  let at = line.indexOf('"', start + 1);
  while (at > 0 && isEscaped(line, at)) at = line.indexOf('"', at + 1);
  return at < 0 ? -1 : at + 1;
}

function endOfValue(line: string, start: number): number {
  const first = line.charCodeAt(start);
  if (first === quote) return endOfString(line, start);
  if (first === openingBrace || first === openingBracket) return endOfNested(line, start);
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === comma || code === closingBrace) return at > start ? at : -1;
  }
  return -1;
}

function endOfNested(line: string, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === openingBrace || code === openingBracket) depth++;
    else if (code === closingBrace || code === closingBracket) {
      if (--depth === 0) return at + 1;
    } else if (code === quote) {
      at = endOfString(line, at) - 1;
      if (at < 0) return -1;
    }
  }
  return -1;
}

/** An odd number of backslashes is before it. */
function isEscaped(line: string, at: number): boolean {
  let before = at - 1;
  while (line.charCodeAt(before) === backslash) before--;
  return (at - before) % 2 === 0;
}
