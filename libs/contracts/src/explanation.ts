import type { ProblemCode } from "./errors.ts";
import type { Principal } from "./principal.ts";
import type { AccessDecision } from "./route.ts";

/** What one stage found out in a dry run. */
export interface ExplainedStep {
  readonly stage: string;
  /** What its decision rests on, where there is more to say than the outcome; its form is the stage's own. */
  readonly evidence?: unknown;
}

/** Where a dry run ended: where the request would have been answered or sent on, or with the problem that the client would get. */
export type PlannedEnd =
  | { readonly kind: "acts"; readonly stage: string; readonly plan: string }
  | {
      readonly kind: "problem";
      readonly stage: string;
      readonly code: ProblemCode;
      readonly status: number;
      readonly title: string;
      readonly detail?: string;
    };

/** What a tier would do with a request, and why: the stages that serve, run up to where they would act. */
export interface Explanation {
  readonly request: {
    readonly method: string;
    readonly scheme: string;
    /** In normal form; empty where hygiene refused it. */
    readonly host: string;
    readonly path: string;
    readonly clientAddress: string;
  };
  readonly principal: Principal;
  readonly route?: string;
  readonly decision?: AccessDecision;
  /** In their order, up to the one that ended it. */
  readonly steps: readonly ExplainedStep[];
  readonly end: PlannedEnd;
}
