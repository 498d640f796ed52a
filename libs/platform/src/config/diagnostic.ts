import { escapeControls } from "../log/escape-controls.ts";

/** The way to a value in the file: names of keys and numbers of list items. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong with a configuration, where, and how it could be right; never the text of a secret. */
export interface Diagnostic {
  readonly file: string;
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;
  /** As a person writes it: `routing.routes[0].match.path`; empty where the file itself is the problem. */
  readonly path: string;
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
  /** The line of a text that the problem lies within, and how far into it: for the caret below. */
  readonly excerpt?: { readonly line: string; readonly column: number };
}

/** A problem that knows its path, and not yet the line it stands on. */
export interface Problem {
  readonly path: ConfigPath;
  /** What to point at: the value, its key, or what it is missing from. Default: the value. */
  readonly at?: "value" | "key" | "parent";
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
  /** The character of the value, a text that may be shown, at which it goes wrong; from 0. */
  readonly within?: number;
}

/** One line, in the form that editors and terminals make a link of: `file:line:column  path: message`; below it, where the place is within a text, that text with a caret. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, path, message, expected, suggestion, excerpt } = diagnostic;
  let text = `${file}:${line}:${column}  ${path === "" ? "" : `${path}: `}${message}`;
  if (expected !== undefined) text += `; expected ${expected}`;
  if (suggestion !== undefined) text += `; did you mean ${JSON.stringify(suggestion)}?`;
  text = escapeControls(text);
  if (excerpt) text += `\n    ${escapeControls(excerpt.line)}\n    ${" ".repeat(excerpt.column)}^`;
  return text;
}

/** Names as they are, list items in brackets, and quotes where a name is no plain word. */
export function formatPath(path: ConfigPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!/^[\w-]+$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}
