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
}

/** A problem that knows its path, and not yet the line it stands on. */
export interface Problem {
  readonly path: ConfigPath;
  /** What to point at: the value, its key, or what it is missing from. Default: the value. */
  readonly at?: "value" | "key" | "parent";
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

/** One line, in the form that editors and terminals make a link of: `file:line:column  path: message`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, path, message, expected, suggestion } = diagnostic;
  let text = `${file}:${line}:${column}  ${path === "" ? "" : `${path}: `}${message}`;
  if (expected !== undefined) text += `; expected ${expected}`;
  if (suggestion !== undefined) text += `; did you mean ${JSON.stringify(suggestion)}?`;
  return escapeControls(text);
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
