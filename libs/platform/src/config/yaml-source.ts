import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import type { Diagnostic, Problem } from "./diagnostic.ts";
import { formatPath } from "./diagnostic.ts";
import { readText } from "../read-text.ts";
import { excerptAt, scalarOffset } from "./scalar-position.ts";
import { offsetOf, scalarAt } from "./yaml-position.ts";

/** A file that is YAML, whatever it says; its problems can be told by line and column. */
export interface YamlSource {
  readonly data: Readonly<Record<string, unknown>>;
  locate(problem: Problem): Diagnostic;
}

/** What reading a file gives: something to check further, problems, or both. */
export interface YamlResult {
  readonly source?: YamlSource;
  readonly diagnostics: readonly Diagnostic[];
}

const largestFile = 16 * 1_048_576;
const maxAliasCount = 50;

/** Reads one YAML file; duplicate keys are told and read on, whatever else is no YAML ends it here. */
export function readYaml(file: string): YamlResult {
  const read = readText(file, { limit: largestFile });
  if (read.ok) return parseYaml(read.text, file);
  return { diagnostics: [{ file, line: 1, column: 1, path: "", message: `the file ${read.why}` }] };
}

function parseYaml(text: string, file: string): YamlResult {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number, { path, message, expected, suggestion }: Problem): Diagnostic => {
    const { line, col } = lineCounter.linePos(offset);
    return {
      file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: formatPath(path),
      message,
      ...(expected !== undefined && { expected }),
      ...(suggestion !== undefined && { suggestion }),
    };
  };
  const flaws = [...yamlErrors(document, text), ...strangeNodes(document)];
  const diagnostics = flaws.map(({ offset, message }) => at(offset, { path: [], message }));
  if (flaws.some(({ fatal }) => fatal)) return { diagnostics };

  const root = document.contents;
  if (!isMap(root)) {
    const isEmpty = root === null || (isScalar(root) && root.value === null);
    const message = isEmpty ? "the file is empty" : "found no mapping";
    return { diagnostics: [at(root?.range[0] ?? 0, { path: [], message, expected: "a mapping of sections" })] };
  }
  const data = toData(document);
  if (data === undefined) {
    const message = `the aliases of this file stand for more than ${maxAliasCount} copies`;
    return { diagnostics: [...diagnostics, at(firstAlias(document), { path: [], message })] };
  }
  const locate = (problem: Problem): Diagnostic => {
    const scalar = problem.within === undefined ? undefined : scalarAt(document, problem.path);
    if (!scalar) return at(offsetOf(document, problem.path, problem.at ?? "value"), problem);
    const written = text.slice(scalar.start, scalar.end);
    const offset = scalarOffset(written, scalar.value, problem.within ?? 0);
    return { ...at(scalar.start + offset, problem), excerpt: excerptAt(written, offset) };
  };
  return { source: { data, locate }, diagnostics };
}

interface Flaw {
  readonly offset: number;
  readonly message: string;
  /** After a duplicate key one can read on; after anything else the rest would be guesswork. */
  readonly fatal: boolean;
}

/** One at each place: what the parser says after the first is about its own confusion. */
function yamlErrors(document: Document.Parsed, text: string): Flaw[] {
  const flaws = new Map<number, Flaw>();
  const deep = document.errors.find(({ message }) => message.includes("call stack"));
  if (deep !== undefined) return [{ offset: deep.pos[0], message: "nested too deeply", fatal: true }];
  for (const error of [...document.errors, ...document.warnings]) {
    const [offset] = error.pos;
    const fatal = error.code !== "DUPLICATE_KEY";
    if (!flaws.has(offset)) flaws.set(offset, { offset, message: wordYamlError(error, text), fatal });
  }
  return [...flaws.values()];
}

/** The parser's own words, but a name where it has only a place; it never quotes the line, which may hold a secret. */
function wordYamlError({ code, message, pos }: YAMLError, text: string): string {
  if (code === "DUPLICATE_KEY") {
    const [, inDouble, inSingle, bare] = /^(?:"([^"\n]*)"|'([^'\n]*)'|([^\s:]*))/.exec(text.slice(pos[0])) ?? [];
    return `duplicate key "${inDouble ?? inSingle ?? bare ?? ""}"`;
  }
  if (code === "TAB_AS_INDENT") return "a tab; expected spaces";
  if (code === "MULTIPLE_DOCS") return "a second document; expected one in a file";
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Keys that would become something else on the way into an object, and aliases of nothing. */
function strangeNodes(document: Document.Parsed): Flaw[] {
  const strange: Flaw[] = [];
  const add = (node: unknown, message: string): void => {
    strange.push({ offset: isNode(node) ? (node.range?.[0] ?? 0) : 0, message, fatal: true });
  };
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key)) add(key, "a key must be a plain word");
      else if (key.value === "__proto__") add(key, '"__proto__" cannot be a name');
      else if (key.value === "<<") add(key, "merge keys are not supported");
    },
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) add(alias, `no anchor "&${alias.source}" before this alias`);
    },
  });
  return strange;
}

function toData(document: Document.Parsed): Readonly<Record<string, unknown>> | undefined {
  try {
    return document.toJS({ maxAliasCount });
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function firstAlias(document: Document.Parsed): number {
  let offset = 0;
  visit(document, {
    Alias(_, alias) {
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}
