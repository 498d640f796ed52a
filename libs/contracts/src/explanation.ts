import type { ProblemCode } from "./errors.ts";
import type { Principal } from "./principal.ts";
import type { AccessDecision } from "./route.ts";

/** What one stage found out in a dry run. */
export interface ExplainedStep {
  readonly stage: string;
  /** What its decision rests on, where there is more to say than the outcome; its form is the stage's own. */
  readonly evidence?: unknown;
}

/**
 * Where a dry run ended: where the request would have been answered or sent on, with the problem that the client would
 * get, or where it hangs on what was not given, such as a body.
 */
export type PlannedEnd =
  | { readonly kind: "acts"; readonly stage: string; readonly plan: string }
  | { readonly kind: "open"; readonly stage: string; readonly lacks: string }
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

/** What the admin plane of a tier answers, and which process it is that would do so. */
export interface ExplainAnswer {
  readonly service: string;
  readonly instance: string;
  readonly generation: string;
  readonly explanation: Explanation;
}

/** What the security tier would vouch for; a dry run of the routing tier is told so by whoever asks for it. */
export interface Vouched {
  readonly principal: Principal;
  readonly clientAddress: string;
  /** How the client itself is connected. */
  readonly scheme: "http" | "https";
  readonly protocol?: string;
  readonly tls?: string;
  readonly sni?: string;
}
