import { compilePath } from "@tandem/kernel/patterns/path-pattern";
import type { Route } from "@tandem/contracts/route";

/** The routes of one path pattern, by method. */
interface Leaf {
  readonly byMethod: Map<string, Route>;
  /** The one that takes whatever method no other names. */
  rest: Route | undefined;
}

/** One segment deep in the tree of patterns. */
interface Node {
  readonly literals: Map<string, Node>;
  any: Node | undefined;
  /** Patterns that end here, and those that end in `/**` here. */
  here: Leaf | undefined;
  below: Leaf | undefined;
}

const emptyNode = (): Node => ({ literals: new Map(), any: undefined, here: undefined, below: undefined });

/** The routes of one host: a map of the exact paths, and a tree of the patterns. The cost of a look-up does not grow with the routes. */
export class PathIndex {
  readonly #exact = new Map<string, Leaf>();
  readonly #root = emptyNode();

  /** Takes a route in; the one that came first keeps what two claim. */
  add(text: string, methods: readonly string[] | undefined, route: Route): void {
    const leaf = this.#leafOf(text);
    if (!methods) leaf.rest ??= route;
    else for (const method of methods) if (!leaf.byMethod.has(method)) leaf.byMethod.set(method, route);
  }

  /** To be called once all are in: where GET leads and nobody names HEAD, HEAD leads to the same. */
  finish(): void {
    const visit = ({ literals, any, here, below }: Node): void => {
      if (here) implyHead(here);
      if (below) implyHead(below);
      if (any) visit(any);
      for (const child of literals.values()) visit(child);
    };
    visit(this.#root);
    for (const leaf of this.#exact.values()) implyHead(leaf);
  }

  /** The most specific route of a path without its final slash that takes this method. */
  find(path: string, method: string): Route | undefined {
    const leaf = this.#exact.get(path);
    return (leaf && take(leaf, method)) ?? seek(this.#root, { path, method }, 0);
  }

  /** Adds every method that some route takes at this path. */
  collect(path: string, methods: Set<string>): void {
    const leaf = this.#exact.get(path);
    if (leaf) for (const method of leaf.byMethod.keys()) methods.add(method);
    gather(this.#root, { path, methods }, 0);
  }

  #leafOf(text: string): Leaf {
    const { literal, segments, rest } = compilePath(text);
    if (literal !== undefined && !rest) {
      let leaf = this.#exact.get(literal);
      if (!leaf) this.#exact.set(literal, (leaf = emptyLeaf()));
      return leaf;
    }
    let node = this.#root;
    for (const segment of segments) {
      if (segment.kind === "any") node = node.any ??= emptyNode();
      else {
        let child = node.literals.get(segment.text);
        if (!child) node.literals.set(segment.text, (child = emptyNode()));
        node = child;
      }
    }
    return rest ? (node.below ??= emptyLeaf()) : (node.here ??= emptyLeaf());
  }
}

const emptyLeaf = (): Leaf => ({ byMethod: new Map(), rest: undefined });

const take = (leaf: Leaf, method: string): Route | undefined => leaf.byMethod.get(method) ?? leaf.rest;

function implyHead({ byMethod }: Leaf): void {
  const get = byMethod.get("GET");
  if (get && !byMethod.has("HEAD")) byMethod.set("HEAD", get);
}

/** The order of specificity: text before a wildcard, a wildcard before the end, the end before all that is below. */
function seek(node: Node, asked: { path: string; method: string }, position: number): Route | undefined {
  const { path, method } = asked;
  let found: Route | undefined;
  if (position === path.length) found = node.here && take(node.here, method);
  else {
    const end = segmentEnd(path, position);
    const child = node.literals.get(path.slice(position + 1, end));
    found = (child && seek(child, asked, end)) ?? (node.any && seek(node.any, asked, end));
  }
  return found ?? (node.below && take(node.below, method));
}

function gather(node: Node, into: { path: string; methods: Set<string> }, position: number): void {
  const { path, methods } = into;
  const leaves = [node.below];
  if (position === path.length) leaves.push(node.here);
  else {
    const end = segmentEnd(path, position);
    const child = node.literals.get(path.slice(position + 1, end));
    if (child) gather(child, into, end);
    if (node.any) gather(node.any, into, end);
  }
  for (const leaf of leaves) if (leaf) for (const method of leaf.byMethod.keys()) methods.add(method);
}

function segmentEnd(path: string, position: number): number {
  const next = path.indexOf("/", position + 1);
  return next < 0 ? path.length : next;
}
