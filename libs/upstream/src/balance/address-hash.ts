import { addUnit, basis, hashText, mix } from "./hash-text.ts";

const colon = 58;
const percent = 37;

/**
 * A number for whoever has an address: of IPv6 only the first 64 bits count, because the rest changes from one day to the
 * next with most clients. The same address in another spelling gives the same.
 */
export function hashAddress(address: string): number {
  if (!address.includes(":")) return hashText(address);
  const elided = Math.max(0, 8 - countGroups(address));
  let hash = basis;
  let group = 0;
  let value = 0;
  for (let index = 0; group < 4; index++) {
    const unit = index < address.length ? address.charCodeAt(index) : percent;
    if (unit !== colon && unit !== percent) {
      value = value * 16 + digitOf(unit);
      continue;
    }
    // A colon at the very beginning ends no group; it is the first of two.
    if (index > 0) {
      hash = addUnit(hash, value);
      group++;
      value = 0;
    }
    if (unit === percent) break;
    if (address.charCodeAt(index + 1) !== colon) continue;
    for (let zeros = elided; zeros > 0 && group < 4; zeros--, group++) hash = addUnit(hash, 0);
    index++;
  }
  return mix(hash);
}

/** How many groups are written out; the others are what `::` stands for. An IPv4 tail is beyond the first 64 bits, and counts as two. */
function countGroups(address: string): number {
  let groups = 0;
  let isInside = false;
  for (let index = 0; index < address.length; index++) {
    const unit = address.charCodeAt(index);
    if (unit === percent) break;
    if (unit !== colon && !isInside) groups++;
    isInside = unit !== colon;
  }
  return address.includes(".") ? groups + 1 : groups;
}

/** The value of a hexadecimal digit in either case. */
const digitOf = (unit: number): number => (unit <= 57 ? unit - 48 : (unit | 32) - 87);
