/** Why keys cannot be rotated, as a sentence for whoever runs the gateway. */
export class RotationError extends Error {}

/** Says in our words what a file system says in its own; anything else is thrown as it is. */
export function asRotationError(error: unknown, directory: string): unknown {
  const code = codeOf(error);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return new RotationError(`this process may not read or change ${placeOf(error) ?? directory}`, { cause: error });
  if (code === "ENOENT") return new RotationError(`${placeOf(error) ?? directory} does not exist`, { cause: error });
  if (code === "ENOTDIR") return new RotationError(`${directory} is no directory`, { cause: error });
  if (code === "ENOSPC" || code === "EDQUOT")
    return new RotationError(`there is no space left in ${directory}`, { cause: error });
  return error;
}

/** The code of a system error. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

const placeOf = (error: unknown): string | undefined =>
  error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : undefined;
