/** A pattern that no host or path in normal form could ever match; thrown when it is compiled. */
export class PatternError extends Error {
  readonly pattern: string;
  /** Where in the pattern the fault begins, from 0. */
  readonly position: number;

  constructor(pattern: string, position: number, fault: string) {
    super(`${fault} (in "${pattern}", at character ${position + 1})`);
    this.name = "PatternError";
    this.pattern = pattern;
    this.position = position;
  }
}
