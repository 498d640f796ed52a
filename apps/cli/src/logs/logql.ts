import { fieldOf, isClass, type Question } from "./question.ts";

/** The streams of both tiers; what else there may be in the same Loki is no answer. */
const bothTiers = '{service_name=~"security-gateway|routing-gateway"}';

/** Writes a question in the language of Loki; what people typed stays inside its quotes. */
export function logql({ conditions }: Pick<Question, "conditions">): string {
  const tier = conditions.find(({ field }) => field === fieldOf.tier)?.value;
  const streams = tier === undefined ? bothTiers : `{service_name=${quoted(`${tier}-gateway`)}}`;
  const filters = conditions
    .filter(({ field }) => field !== fieldOf.tier)
    .map(({ field, value }) =>
      field === fieldOf.status && isClass(value)
        ? ` | ${lokiName(field)}=~${quoted(value.replaceAll("x", "."))}`
        : ` | ${lokiName(field)}=${quoted(value)}`,
    );
  return streams + filters.join("");
}

/** Loki knows letters, digits and underscores in names, and turns all else into underscores. */
const lokiName = (field: string): string => field.replaceAll(/\W/g, "_");

/** A string as Go reads it, which is as JSON writes it, but for half characters: those it refuses. */
const quoted = (text: string): string => JSON.stringify(text.toWellFormed());
