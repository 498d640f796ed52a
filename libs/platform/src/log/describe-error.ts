const deepestCause = 5;
const mostErrors = 5;

/** An error with its causes, as fields: what happened, its code, and why, down to the root. */
export interface ErrorFields {
  readonly name?: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: ErrorFields;
  /** The several errors of an AggregateError, such as one for each address that refused. */
  readonly errors?: readonly ErrorFields[];
}

/** Puts a thrown thing into fields; whatever else hangs on it, such as a whole request, stays out. */
export function describeError(error: unknown, stacks: boolean, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { message: typeof error === "string" ? error : `a thrown ${typeof error}` };
  const code = "code" in error ? error.code : undefined;
  const isDeep = depth >= deepestCause;
  return {
    ...(error.name !== "Error" && { name: error.name }),
    message: error.message,
    ...((typeof code === "string" || typeof code === "number") && { code }),
    ...(stacks && error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && !isDeep && { cause: describeError(error.cause, stacks, depth + 1) }),
    ...(error instanceof AggregateError &&
      !isDeep && { errors: error.errors.slice(0, mostErrors).map((one) => describeError(one, stacks, depth + 1)) }),
  };
}
