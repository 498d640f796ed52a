import { readFileSync, statSync } from "node:fs";

/** The text of a file, or why there is none, as the end of a sentence that begins with the file's name. */
export type TextResult = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a small UTF-8 file at start or reload; a pipe, which might never end, is none. */
export function readText(file: string, { limit }: { readonly limit: number }): TextResult {
  try {
    const state = statSync(file);
    if (!state.isFile()) return refuse(state.isDirectory() ? "is a directory" : "is not a regular file");
    if (state.size > limit) return refuse(`is longer than ${limit} bytes`);
    return { ok: true, text: utf8.decode(readFileSync(file)) };
  } catch (error) {
    return refuse(reasonOf(error));
  }
}

function refuse(why: string): TextResult {
  return { ok: false, why };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this process";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "is not UTF-8 text";
  return `cannot be read (${typeof code === "string" ? code : "unknown reason"})`;
}
