/**
 * Tells whether JSON names a member twice, anywhere in it. The parser keeps the last and says nothing, another one may keep
 * the first: nothing that is decided by may mean two things (RFC 7519 §4 of tokens). `value` is what the parser made of the text.
 */
export const hasDuplicateMembers = (text: string, value: unknown): boolean => named(text) !== kept(value);

/** In sound JSON a colon outside of texts stands behind a name, and nowhere else. */
function named(text: string): number {
  let count = 0;
  let isText = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 34) isText = !isText;
    else if (isText && code === 92) index++;
    else if (!isText && code === 58) count++;
  }
  return count;
}

/** Without recursion: how deep it goes is the sender's choice. */
function kept(value: unknown): number {
  let count = 0;
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one !== "object" || one === null) continue;
    const values: unknown[] = Object.values(one);
    if (!Array.isArray(one)) count += values.length;
    for (const nested of values) if (typeof nested === "object") left.push(nested);
  }
  return count;
}
