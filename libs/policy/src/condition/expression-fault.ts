interface Hint {
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

/** What is wrong with an expression, and at which of its characters. */
export class ExpressionFault extends Error {
  /** From 0. */
  readonly offset: number;
  readonly expected: string | undefined;
  readonly suggestion: string | undefined;

  constructor(message: string, offset: number, { expected, suggestion }: Hint = {}) {
    super(message);
    this.name = "ExpressionFault";
    this.offset = offset;
    this.expected = expected;
    this.suggestion = suggestion;
  }
}
