/** The bytes are not DER in its one strict form. */
export class MalformedDer extends Error {
  override readonly name = "MalformedDer";
}

/** One element: its tag, and what it holds. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
}

/** Takes the content of a sequence or set apart; every byte belongs to an element, and every length is in its shortest form. */
export function derElements(content: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < content.length) {
    const tag = byteAt(content, at);
    if ((tag & 0x1f) === 0x1f) throw new MalformedDer("a tag of several bytes");
    const { length, start } = readLength(content, at + 1);
    if (start + length > content.length) throw new MalformedDer("an element is longer than what holds it");
    elements.push({ tag, content: content.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** The elements within the one element that the bytes are. */
export function derWithin(bytes: Buffer, tag: number): DerElement[] {
  const [outer, ...more] = derElements(bytes);
  if (outer?.tag !== tag || more.length > 0) throw new MalformedDer("another element than expected");
  return derElements(outer.content);
}

function readLength(content: Buffer, at: number): { readonly length: number; readonly start: number } {
  const first = byteAt(content, at);
  if (first < 0x80) return { length: first, start: at + 1 };
  const count = first & 0x7f;
  // Indefinite lengths (0x80) are BER; nothing that is read here is of 16 MiB.
  if (count < 1 || count > 3) throw new MalformedDer("a length that is indefinite or too large");
  let length = 0;
  for (let index = 1; index <= count; index++) length = length * 256 + byteAt(content, at + index);
  if (length < 0x80 || length < 256 ** (count - 1)) throw new MalformedDer("a length that is not in its shortest form");
  return { length, start: at + 1 + count };
}

function byteAt(content: Buffer, at: number): number {
  const byte = content[at];
  if (byte === undefined) throw new MalformedDer("it ends too early");
  return byte;
}
