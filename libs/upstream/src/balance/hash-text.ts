/**
 * A number from -2^31 to 2^31 - 1 for a text: FNV-1a over its UTF-16 units, then mixed. Always the same, because every
 * gateway, today and after a restart, must lead a key to the same instance; and so no secret, and no guard against keys
 * chosen to meet: that is what the bound on the load of an instance is for.
 */
export function hashText(text: string): number {
  let hash = basis;
  for (let index = 0; index < text.length; index++) hash = addUnit(hash, text.charCodeAt(index));
  return mix(hash);
}

/** Where a hash that is made piece by piece begins. */
export const basis = 0x811c9dc5 | 0;

/** One step of FNV-1a. */
export const addUnit = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

/** Lets each bit of a number decide about each bit of another; no two give the same. */
export function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
