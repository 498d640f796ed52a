/** Where the answer is put, so that V8 does not find the question needless and leave it out. */
const seen = new Uint16Array(1);

/**
 * Makes one piece of a text that was put together from many, which V8 does only once somebody looks into it: until then each
 * piece is an object that the collector carries along with the text.
 */
export function flat(text: string): string {
  seen[0] = text.charCodeAt(0);
  return text;
}
