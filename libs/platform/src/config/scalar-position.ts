/** Where a character of a text stands in the YAML that the text was read from, whose quotes, escapes, folds and indents are not in it. */
export function scalarOffset(source: string, value: string, within: number): number {
  const block = /^[|>][^\n]*\n/.exec(source);
  let at = block ? block[0].length : 0;
  for (let index = 0; index <= Math.min(within, value.length - 1); index++) {
    const blank = isBlank(value[index]);
    // A line break may have become a blank, and the blanks around it nothing.
    while (at < source.length && (blank ? !isBlank(source[at]) : source[at] !== value[index])) at++;
    if (index === within) return at;
    at++;
    if (blank && !isBlank(value[index + 1])) while (isBlank(source[at])) at++;
  }
  return Math.min(at, source.length);
}

const isBlank = (character: string | undefined): boolean =>
  character === " " || character === "\n" || character === "\r" || character === "\t";

const widest = 100;

/** The line of the YAML on which a place lies, without what stands before and behind its text. */
export function excerptAt(source: string, offset: number): { line: string; column: number } {
  const start = source.lastIndexOf("\n", offset - 1) + 1;
  const newline = source.indexOf("\n", offset);
  const whole = source.slice(start, newline < 0 ? source.length : newline);
  const indent = whole.length - whole.trimStart().length;
  const cut = Math.max(Math.min(indent, offset - start), offset - start - widest / 2);
  return { line: whole.slice(cut, cut + widest).trimEnd(), column: offset - start - cut };
}
