import type { ExplainAnswer, Explanation, PlannedEnd } from "@tandem/contracts/explanation";
import { isAnonymous, type Principal } from "@tandem/contracts/principal";
import type { CredentialEvidence } from "@tandem/identity/authenticate/explain-credential";
import { escapeControls } from "@tandem/platform/log/escape-controls";
import type { AccessEvidence } from "@tandem/policy/authorize/explain-access";
import type { HopEvidence } from "@tandem/upstream/exchange/foresee-hop";
import type { MatchEvidence } from "@tandem/upstream/routes/explain-match";
import { poolTable } from "../pool-table.ts";

/** What both tiers would do with a request, for people: the outcome first, then each tier and its stages with what speaks for it. */
export function explanationText(answers: readonly ExplainAnswer[]): string {
  const last = answers.at(-1);
  if (!last) return "";
  const { request } = last.explanation;
  const asked = `${request.method} ${request.scheme}://${request.host}${request.path} from ${request.clientAddress}`;
  const lines = [outcome(last.explanation), asked];
  for (const { service, instance, generation, explanation } of answers)
    lines.push("", `${service} (${instance}, generation ${generation})`, ...stagesOf(explanation));
  return `${lines.map((line) => escapeControls(line)).join("\n")}\n`;
}

/** The one sentence. */
function outcome({ end, decision, route, steps }: Explanation): string {
  if (end.kind === "open") return `It hangs on what was not given: ${end.lacks} (${end.stage})`;
  if (end.kind === "problem") {
    const by = end.stage === "authorize" && decision ? `decided by ${decision.rule}` : `by ${end.stage}`;
    const all = (end.stage === "authorize" && decision?.missing) || [];
    // What a client may know of it stands in the problem already.
    const missing = all.filter((one) => !end.detail?.includes(one));
    const lacks = missing.length > 0 ? `, ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing` : "";
    return `${problem(end)}${lacks} (${by})`;
  }
  const by = route === undefined ? "" : ` by the route ${route}`;
  const evidence = steps.at(-1)?.evidence;
  if (end.stage === "redirect") return `It would be redirected${by}: ${plain(evidence)}`;
  if (end.stage !== "proxy" && end.stage !== "forward") return `It would be answered here${by}: ${end.plan}`;
  const { service, next } = evidence as HopEvidence;
  return `It would go to ${service}${by}, ${choice(next)}`;
}

const choice = (next: HopEvidence["next"]): string =>
  "nobody" in next ? `where nobody is: ${next.nobody}` : `${next.instances.join(" or ")}, because ${next.because}`;

const problem = ({ status, code, title, detail }: Extract<PlannedEnd, { kind: "problem" }>): string =>
  `${status} ${code}: ${detail ?? title}`;

function stagesOf({ steps, principal, decision, end }: Explanation): string[] {
  return steps.flatMap(({ stage, evidence }) => {
    const told = evidence === undefined ? [] : evidenceOf(stage, evidence);
    const ended = end.stage === stage && end.kind === "problem" ? [`refuses with ${problem(end)}`] : [];
    const who = stage === "authenticate" || stage === "acceptAssertion" ? [whoIs(principal)] : [];
    const decided =
      stage === "authorize" && decision ? [`${decision.effect} by ${decision.rule}: ${decision.reason}`] : [];
    return entry(stage, [...who, ...decided, ...told, ...ended]);
  });
}

const width = 18;

/** A stage and what it says; one that has nothing to say is not worth a line. */
const entry = (stage: string, says: readonly string[]): string[] =>
  says.map((line, index) => `  ${(index === 0 ? stage : "").padEnd(width)}${line}`);

function whoIs(principal: Principal): string {
  if (isAnonymous(principal)) return "nobody that is known";
  const { subject, client, method, scopes, roles, tenant } = principal;
  const facts = [
    ...(client !== undefined && client !== subject ? [`client ${client}`] : []),
    `by ${method}`,
    ...(scopes.length > 0 ? [`scopes ${scopes.join(" ")}`] : []),
    ...(roles.length > 0 ? [`roles ${roles.join(" ")}`] : []),
    ...(tenant === undefined ? [] : [`tenant ${tenant}`]),
  ];
  return `${subject}, ${facts.join(", ")}`;
}

/** The stages whose evidence people ask for most have words of their own; the others' is shown as it is. */
function evidenceOf(stage: string, evidence: unknown): string[] {
  switch (stage) {
    case "matchRoute":
      return matched(evidence as MatchEvidence);
    case "authorize":
      return ruled(evidence as AccessEvidence);
    case "proxy":
    case "forward":
      return sent(evidence as HopEvidence);
    case "authenticate":
      return [presented(evidence as CredentialEvidence)];
    case "acceptAssertion":
      return [];
    default:
      return [plain(evidence)];
  }
}

const presented = ({ credential, scheme, good }: CredentialEvidence): string =>
  credential === "none"
    ? "no credential"
    : `${credential}${scheme ? ` under ${scheme}` : ""}, ${good ? "good" : "not good"}`;

function matched({ considered, unlisted }: MatchEvidence): string[] {
  const passed = considered.map(({ route, host = "", path, lacks }) =>
    lacks.length === 0 ? `${route} takes it: ${host}${path}` : `${route} (${host}${path}) lacks ${lacks.join(", ")}`,
  );
  if (considered.length === 0) return ["no route has this host and path"];
  return unlisted > 0 ? [...passed, `and ${unlisted} more, not listed`] : passed;
}

const ruled = ({ has, rules, unlisted }: AccessEvidence): string[] => [
  `what the route itself asks for is ${has ? "met" : "not met: no policy is asked"}`,
  ...rules.map(({ rule, effect, shadow, missed }) => {
    const name = `${effect} ${rule}${shadow ? " (only watched)" : ""}`;
    return missed.length === 0 ? `${name} fits` : `${name} missed ${missed.join("; ")}`;
  }),
  ...(unlisted > 0 ? [`and ${unlisted} more rules, not listed`] : []),
];

function sent({ service, path, next, timeouts, retries, budgetLeft, pool }: HopEvidence): string[] {
  const times = Object.entries(timeouts).map(([name, ms]) => `${name} ${ms} ms`);
  return [
    `${service} is asked for ${path}; next is ${choice(next)}`,
    `within ${times.join(", ")}; ${retries.attempts} tries at most${budgetLeft === undefined ? "" : `, ${Math.floor(budgetLeft)} left in the budget`}`,
    ...poolTable([pool]).trimEnd().split("\n"),
  ];
}

function plain(evidence: unknown): string {
  if (typeof evidence !== "object" || evidence === null) return String(evidence);
  return Object.entries(evidence)
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .map(
      ([name, value]) =>
        `${name}: ${Array.isArray(value) ? value.join(" ") : typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
    .join(", ");
}
