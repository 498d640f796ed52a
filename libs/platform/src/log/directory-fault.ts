import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";

const { W_OK, X_OK } = constants;

/** Why no log can be written into this directory, or undefined; one that is not there yet is made, where that is possible. */
export function logDirectoryFault(directory: string): string | undefined {
  try {
    if (!statSync(directory).isDirectory()) return `${directory} is no directory`;
    accessSync(directory, W_OK | X_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTDIR") return `${directory} is inside of something that is no directory`;
    if (code === "ENOENT") return dirname(directory) === directory ? undefined : logDirectoryFault(dirname(directory));
    if (code === "EROFS") return `${directory} is on a file system that is read-only`;
    if (code === "EACCES" || code === "EPERM") return `${directory} may not be written to by this process`;
    return `${directory} cannot be written to (${typeof code === "string" ? code : "unknown reason"})`;
  }
}
