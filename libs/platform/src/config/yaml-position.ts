import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { ConfigPath, Problem } from "./diagnostic.ts";

interface Spot {
  readonly key?: Node;
  readonly value?: Node;
}

/** Where in the text a path leads; a path that leaves the file (a default, a missing key) ends at the last thing that is there. */
export function offsetOf(document: Document.Parsed, path: ConfigPath, at: NonNullable<Problem["at"]>): number {
  const spots = walk(document, path);
  const reached = spots.at(-1);
  const whole = spots.length === path.length + 1;
  if (at === "parent" || !whole) {
    const parent = at === "parent" && whole ? spots.at(-2) : reached;
    return startOf(parent?.key) ?? startOf(parent?.value) ?? 0;
  }
  if (at === "key") return startOf(reached?.key) ?? startOf(reached?.value) ?? 0;
  const empty = isScalar(reached?.value) && reached.value.value === null;
  return (empty ? startOf(reached.key) : undefined) ?? startOf(reached?.value) ?? startOf(reached?.key) ?? 0;
}

/** The text at the end of a path, and where it stands as it was written. */
export function scalarAt(
  document: Document.Parsed,
  path: ConfigPath,
): { value: string; start: number; end: number } | undefined {
  const spots = walk(document, path);
  const node = spots.length === path.length + 1 ? follow(document, spots.at(-1)?.value) : undefined;
  if (!isScalar(node) || typeof node.value !== "string" || !node.range) return undefined;
  return { value: node.value, start: node.range[0], end: node.range[1] };
}

/** The spots that a path passes, from the root on. */
function walk(document: Document.Parsed, path: ConfigPath): Spot[] {
  const spots: Spot[] = [{ value: document.contents ?? undefined }].map(({ value }) => (value ? { value } : {}));
  for (const step of path) {
    const next = child(follow(document, spots.at(-1)?.value), step);
    if (next === undefined) break;
    spots.push(next);
  }
  return spots;
}

function child(parent: Node | undefined, step: string | number): Spot | undefined {
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    if (pair === undefined) return undefined;
    return { ...(isNode(pair.key) && { key: pair.key }), ...(isNode(pair.value) && { value: pair.value }) };
  }
  const item = isSeq(parent) ? parent.items[Number(step)] : undefined;
  return isNode(item) ? { value: item } : undefined;
}

/** What an alias stands for: that is the text to mend. */
function follow(document: Document.Parsed, node: Node | undefined): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: Node | undefined): number | undefined {
  return node?.range?.[0];
}
