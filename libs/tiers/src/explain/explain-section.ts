import type { ExplainAnswer } from "@tandem/contracts/explanation";
import type { AdminSection } from "@tandem/kernel/admin/admin";
import { checkBody } from "@tandem/kernel/admin/check-body";
import { readJson } from "@tandem/kernel/admin/read-json";
import type { Gateway } from "@tandem/kernel/gateway";
import type { Tier } from "../config.ts";
import { dryRequestOf } from "./dry-request.ts";
import { longestQuestion, routingQuestion, securityQuestion } from "./question.ts";

interface ExplainParts {
  readonly tier: Tier;
  readonly gateway: Pick<Gateway, "explain">;
  /** Which process answers. */
  readonly who: Omit<ExplainAnswer, "explanation">;
}

/** Says what this tier would do with a request, by the stages that serve, and why. */
export const explainSection = ({ tier, gateway, who }: ExplainParts): AdminSection => ({
  method: "post",
  path: "/explain",
  handler: async (request, response) => {
    const given = await readJson(request, response, { limit: longestQuestion });
    const question = tier === "security" ? checkBody(securityQuestion, given) : checkBody(routingQuestion, given);
    const { view, given: more } = dryRequestOf(question);
    const answer: ExplainAnswer = { ...who, explanation: await gateway.explain(view, more) };
    response.json(answer);
  },
});
