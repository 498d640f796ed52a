import { duration } from "@tandem/platform/config/fields";
import type { z } from "zod";

/** The settings by which the keys of a directory are rotated; the same wherever something is signed. */
export const rotationFields = {
  rotateEvery: duration({ min: "1h", max: "366d" }).optional().meta({
    description:
      "For how long a key signs until the gateway makes the next one. Without it nobody does but `tandem keys rotate`.",
  }),
  retireAfter: duration({ max: "366d" }).optional().meta({
    description:
      "How long a key verifies after another signs in its place. Default: the lifetime of what it signed, and a margin.",
  }),
};

interface Rotating {
  readonly retireAfter?: number | undefined;
}

/** Refuses a `retireAfter` with which something good would outlive the key that it was signed with. */
export function outliving<Options extends Rotating>(lifetimeOf: (options: Options) => number, skew: number) {
  return (options: Options, context: z.RefinementCtx): void => {
    const least = lifetimeOf(options) + skew;
    if (options.retireAfter === undefined || options.retireAfter >= least) return;
    context.addIssue({
      code: "custom",
      path: ["retireAfter"],
      message: "what the key has signed would be refused while it is good",
      params: { expected: `at least ${least / 1000}s: how long that lives, and the skew of clocks` },
    });
  };
}
