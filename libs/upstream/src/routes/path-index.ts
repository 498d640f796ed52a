import type { PathPattern } from "@tandem/kernel/patterns/path-pattern";
import type { Candidate } from "./candidate.ts";
import { Leaf } from "./leaf.ts";
import type { Question } from "./question.ts";

/** One segment deep in the tree of patterns. */
interface Node {
  readonly literals: Map<string, Node>;
  any: Node | undefined;
  /** Patterns that end here, and those that end in `/**` here. */
  here: Leaf | undefined;
  below: Leaf | undefined;
}

const emptyNode = (): Node => ({ literals: new Map(), any: undefined, here: undefined, below: undefined });

/** The candidates of one host: a map of the exact paths, and a tree of the patterns. The cost of a look-up does not grow with them. */
export class PathIndex {
  readonly #exact = new Map<string, Leaf>();
  readonly #root = emptyNode();
  readonly #leaves = new Set<Leaf>();

  /** To be called in the order of rank. */
  add(candidate: Candidate): void {
    const leaf = this.#leafOf(candidate.pattern);
    leaf.add(candidate);
    this.#leaves.add(leaf);
  }

  /** To be called once all are in. */
  finish(): void {
    for (const leaf of this.#leaves) leaf.finish();
    this.#leaves.clear();
  }

  /** The candidate of the most specific path for which nothing is known that speaks against it. */
  find(question: Question): Candidate | undefined {
    return this.#exact.get(question.path)?.find(question) ?? seek(this.#root, question, 0);
  }

  /** All that lies at a path without its final slash, the most specific first: the order in which `find` looks. */
  leavesAt(path: string): Leaf[] {
    const exact = this.#exact.get(path);
    const leaves = exact ? [exact] : [];
    gather(this.#root, { path, leaves }, 0);
    return leaves;
  }

  #leafOf({ literal, segments, rest }: PathPattern): Leaf {
    if (literal !== undefined && !rest) {
      let leaf = this.#exact.get(literal);
      if (!leaf) this.#exact.set(literal, (leaf = new Leaf()));
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
    return rest ? (node.below ??= new Leaf()) : (node.here ??= new Leaf());
  }
}

/** The order of specificity: text before a wildcard, a wildcard before the end, the end before all that is below. */
function seek(node: Node, question: Question, position: number): Candidate | undefined {
  const { path } = question;
  let found: Candidate | undefined;
  if (position === path.length) found = node.here?.find(question);
  else {
    const end = segmentEnd(path, position);
    const child = node.literals.get(path.slice(position + 1, end));
    found = (child && seek(child, question, end)) ?? (node.any && seek(node.any, question, end));
  }
  return found ?? node.below?.find(question);
}

function gather(node: Node, into: { readonly path: string; readonly leaves: Leaf[] }, position: number): void {
  const { path, leaves } = into;
  if (position === path.length) {
    if (node.here) leaves.push(node.here);
  } else {
    const end = segmentEnd(path, position);
    const child = node.literals.get(path.slice(position + 1, end));
    if (child) gather(child, into, end);
    if (node.any) gather(node.any, into, end);
  }
  if (node.below) leaves.push(node.below);
}

function segmentEnd(path: string, position: number): number {
  const next = path.indexOf("/", position + 1);
  return next < 0 ? path.length : next;
}
