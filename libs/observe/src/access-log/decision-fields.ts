import type { AccessDecision } from "@tandem/contracts/route";
import { escaped, quote } from "./json-text.ts";

const longestMiss = 512;
/** Each of these is a policy of its own; a central log refuses lines beyond some hundred kilobytes. */
export const mostShadows = 50;

/** What the policy decided, and of a refusal why: what was missing, which rules came nearest. To be seen by operators alone. */
export function decisionFields({ effect, rule, reason, missing, nearest, shadows }: AccessDecision): string {
  let text = `,"tandem.decision":"${effect}","tandem.rule":"${escaped(rule)}"`;
  if (effect === "deny") text += `,"tandem.reason":"${escaped(reason, longestMiss)}"`;
  if (missing) text += `,"tandem.missing":${list(missing)}`;
  if (nearest) {
    const misses = nearest.map((near) => `{"rule":"${escaped(near.rule)}","missed":${list(near.missed)}}`);
    text += `,"tandem.nearest":[${misses.join(",")}]`;
  }
  if (shadows) {
    const others = shadows
      .slice(0, mostShadows)
      .map(
        (shadow) =>
          `{"policy":"${escaped(shadow.policy)}","rule":"${escaped(shadow.rule)}","effect":"${shadow.effect}"}`,
      );
    text += `,"tandem.shadows":[${others.join(",")}]`;
  }
  return text;
}

const list = (texts: readonly string[]): string => `[${texts.map((one) => quote(one, longestMiss)).join(",")}]`;
