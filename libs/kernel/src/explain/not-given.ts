import { Readable } from "node:stream";

/** A dry run came to where it hangs on something that whoever asked for it did not give. */
export class NotGiven extends Error {
  constructor(what: string) {
    super(what);
    this.name = "NotGiven";
  }
}

/** Stands for a body that the head announces and nobody gave: to be passed on it will do, to be read it will not. */
export const bodyNotGiven = (): Readable =>
  new Readable({
    read() {
      this.destroy(new NotGiven("what the body holds"));
    },
  });

/** What was not given, where an error comes of that. */
export function lackIn(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof NotGiven) return at.message;
  return undefined;
}
