import type { RequestView } from "../request-view.ts";
import type { RuleOf } from "./header-rules.ts";

/** What hygiene made of a request; of headers only their names are told. */
export interface HygieneEvidence {
  /** Names of parameters, once each. */
  readonly query: readonly string[];
  readonly kept: readonly string[];
  /** What clients may not say, and what ends at this connection. */
  readonly dropped: readonly string[];
}

/** Tells what was kept of a request, and what was dropped; nothing where it was refused. */
export function explainHygiene(request: RequestView, ruleOf: RuleOf): HygieneEvidence | undefined {
  const { rawHeaders, headers, query } = request;
  // It was refused: nothing was made of it.
  if (request.path === "") return undefined;
  const sent = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) sent.add(ruleOf(rawHeaders[index]!).name);
  const kept = new Set(headers.filter((_, index) => index % 2 === 0));
  // What the gateway reads goes on in its own words, or was meant for it alone.
  const dropped = [...sent].filter((name) => !kept.has(name) && ruleOf(name).fate !== "read");
  return { query: [...new Set(new URLSearchParams(query).keys())], kept: [...kept], dropped };
}
