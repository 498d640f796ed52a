import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file with exactly this mode, and makes the folders that it is in. */
export async function putFile(file: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { mode });
  // An older file keeps its mode when it is written again.
  await chmod(file, mode);
}
