import { inspect } from "node:util";
import { z } from "zod";
import { expectations } from "./expectations.ts";
import { currentReading } from "./reading.ts";
import { hasReference, resolveReferences } from "./reference.ts";

const shown = "[secret]";

/** A text that is printed by nobody: logs, JSON and `inspect` all show `[secret]`. */
export class Secret {
  readonly #text: string | undefined;

  /** Without a text it stands for a secret of another tier, which this process never fetched. */
  constructor(text?: string) {
    this.#text = text;
    Object.freeze(this);
  }

  /** The text itself; call it where it is used and keep no copy. */
  reveal(): string {
    if (this.#text === undefined)
      throw new Error("this secret belongs to a section that this process does not resolve");
    return this.#text;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

/** A field that holds a secret: written out, or better as `${env:NAME}` or `${file:path}`. */
export function secret() {
  return z
    .string()
    .meta({ description: "A secret: ${env:NAME}, ${file:path} or, for trials, the text itself." })
    .register(expectations, { expected: "a secret: text, ${env:NAME} or ${file:path}" })
    .transform((text, context): Secret => {
      if (text === "") {
        context.addIssue({ code: "custom", message: "empty", params: { expected: "a secret" } });
        return z.NEVER;
      }
      if (!hasReference(text)) return new Secret(text);
      const reading = currentReading();
      reading.consumed.add(text);
      const resolved = resolveReferences(text, reading);
      if (resolved.ok) return reading.own ? new Secret(resolved.text) : new Secret();
      const { message, expected, missing } = resolved;
      if (missing && reading.lenient) return new Secret();
      context.addIssue({ code: "custom", message, params: { expected, missing } });
      return z.NEVER;
    });
}

/** A secret that has to look a certain way: `faultOf` says what is wrong with its text, and must not say the text. */
export function secretThat(faultOf: (text: string) => string | undefined) {
  return secret().superRefine((given, context) => {
    let text: string;
    try {
      text = given.reveal();
    } catch {
      return; // It belongs to a section that this process does not resolve, so there is nothing to look at.
    }
    const message = faultOf(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}
