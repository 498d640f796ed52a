import { resolve } from "node:path";
import { readText } from "../read-text.ts";
import type { Reading } from "./reading.ts";

/** A text with its `${…}` filled in, or why that cannot be; the message never holds what was found. */
export type Resolved =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly expected?: string; readonly missing: boolean };

const forms = "${env:NAME} or ${file:path}";
const largestSecret = 65_536;

/** Tells whether a text asks for something from outside of the file; `$${` is a plain `${`. */
export function hasReference(text: string): boolean {
  return text.includes("${");
}

/** Fills in `${env:NAME}` and `${file:path}`; with `own: false` it only checks how they are written. */
export function resolveReferences(text: string, reading: Reading): Resolved {
  let resolved = "";
  let rest = text;
  for (;;) {
    const start = rest.indexOf("${");
    if (start < 0) return { ok: true, text: resolved + rest };
    if (start > 0 && rest[start - 1] === "$") {
      resolved += `${rest.slice(0, start - 1)}\${`;
      rest = rest.slice(start + 2);
      continue;
    }
    const end = rest.indexOf("}", start);
    if (end < 0) return { ok: false, message: 'a "${" without its "}"', expected: forms, missing: false };
    const part = resolveOne(rest.slice(start + 2, end), reading);
    if (!part.ok) return part;
    resolved += rest.slice(0, start) + part.text;
    rest = rest.slice(end + 1);
  }
}

function resolveOne(reference: string, reading: Reading): Resolved {
  const colon = reference.indexOf(":");
  const name = reference.slice(colon + 1);
  switch (colon < 0 ? "" : reference.slice(0, colon)) {
    case "env":
      return fromEnvironment(name, reading);
    case "file":
      return fromFile(name, reading);
    default:
      return { ok: false, message: `"\${${reference}}" is no known reference`, expected: forms, missing: false };
  }
}

function fromEnvironment(name: string, { environment, own }: Reading): Resolved {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return { ok: false, message: `"${name}" is no name of an environment variable`, missing: false };
  }
  if (!own) return { ok: true, text: "" };
  const text = environment[name];
  if (text === undefined) return gone(`the environment variable ${name} is not set`);
  if (text === "") return gone(`the environment variable ${name} is empty`);
  return { ok: true, text };
}

function fromFile(name: string, { directory, own }: Reading): Resolved {
  if (name === "") return { ok: false, message: "the reference names no file", expected: forms, missing: false };
  if (!own) return { ok: true, text: "" };
  const read = readText(resolve(directory, name), { limit: largestSecret });
  if (!read.ok) return gone(`${name} ${read.why}`);
  const text = read.text.replace(/\r?\n$/, "");
  return text === "" ? gone(`${name} is empty`) : { ok: true, text };
}

function gone(message: string): Resolved {
  return { ok: false, message, missing: true };
}
