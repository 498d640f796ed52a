import { responseFlags } from "@tandem/contracts/response-flags";
import { element, visible } from "./element.ts";
import { listIn, objectIn, textIn, type RequestLine } from "./request-line.ts";
import { known, type SeenRequest } from "./request-store.ts";

type Fact = readonly [name: string, said: Node | string | undefined];

/** What the lines of a request say: what was decided and why, whom it was sent to, and below that everything. */
export function factsOf(request: SeenRequest): HTMLElement[] {
  const attempts = request.lines.flatMap(attemptsOf);
  return [
    list([
      ["Route", known(request, "route")],
      ...request.lines.flatMap(decisionOf),
      ["Caller", callerOf(request)],
      ["Flags", flagsOf(request)],
      ["Request", request.id],
      ["Trace", known(request, "traceId")],
    ]),
    ...(attempts.length > 0 ? [attemptsTable(attempts)] : []),
    element("details", {}, [
      element("summary", {}, ["All that was logged"]),
      ...request.lines.flatMap(({ tier, fields }) => [
        element("h3", {}, [`${tier} tier`]),
        list(
          Object.entries(fields).map(([name, value]) => [
            name,
            typeof value === "string" ? value : JSON.stringify(value),
          ]),
        ),
      ]),
    ]),
  ];
}

const list = (facts: readonly Fact[]): HTMLElement =>
  element(
    "dl",
    {},
    facts.flatMap(([name, said]) =>
      said === undefined || said === ""
        ? []
        : [
            element("dt", {}, [name]),
            element("dd", {}, [typeof said === "string" ? element("bdi", {}, [said]) : said]),
          ],
    ),
  );

function decisionOf({ fields, tier }: RequestLine): Fact[] {
  const said = (name: string): string => textIn(fields[`tandem.${name}`]);
  const all = (name: string) => listIn(fields[`tandem.${name}`]).map((one) => objectIn(one));
  const problem = textIn(fields["error.code"]);
  return [
    ["Decision", said("decision") && `${said("decision")}, by the rule ${said("rule")}`],
    ["Reason", said("reason")],
    ["Missing", joined(fields["tandem.missing"])],
    ["Nearest rules", items(all("nearest").map(({ rule, missed }) => `${textIn(rule)} missed: ${joined(missed)}`))],
    [
      "In shadow",
      items(
        all("shadows").map(({ policy, rule, effect }) => `${textIn(effect)}, by ${textIn(policy)}/${textIn(rule)}`),
      ),
    ],
    ["Problem", problem && `${problem}, told by the ${tier} tier`],
    ["Cause", textIn(fields["error.message"])],
  ];
}

const joined = (value: unknown): string => listIn(value).map(textIn).join(", ");

const items = (texts: readonly string[]): Node | undefined =>
  texts.length === 0
    ? undefined
    : element(
        "ul",
        {},
        texts.map((text) => element("li", {}, [element("bdi", {}, [text])])),
      );

function callerOf(request: SeenRequest): string {
  const [first] = request.lines;
  const caller = known(request, "caller");
  return [caller, first && `from ${first.address}`].filter(Boolean).join(" ");
}

/** Each word with the sentence that says what it stands for. */
function flagsOf({ lines }: SeenRequest): Node | undefined {
  const flags = [...new Set(lines.flatMap((line) => line.flags))];
  if (flags.length === 0) return undefined;
  return element(
    "ul",
    {},
    flags.map((flag) => element("li", {}, [element("b", {}, [flag]), ` ${meaning(flag)}`])),
  );
}

const meanings: Readonly<Record<string, string>> = responseFlags;
const meaning = (flag: string): string => (Object.hasOwn(meanings, flag) ? meanings[flag]! : "");

interface Attempt {
  readonly tier: string;
  readonly said: Readonly<Record<string, unknown>>;
}

const attemptsOf = ({ fields, tier }: RequestLine): Attempt[] =>
  listIn(fields["tandem.attempts"]).map((attempt) => ({ tier, said: objectIn(attempt) }));

const columns = ["target", "instance", "outcome", "status", "ms", "reason", "expired", "withheld"];

/** Whom it was sent to, in order, and what came of that. */
function attemptsTable(attempts: readonly Attempt[]): HTMLElement {
  const used = columns.filter((column) => attempts.some(({ said }) => said[column] !== undefined));
  const head = ["from", ...used].map((column) => element("th", { scope: "col" }, [column]));
  const rows = attempts.map(({ tier, said }) =>
    element("tr", { class: said["outcome"] === "answered" ? "" : "failed" }, [
      element("td", {}, [tier]),
      ...used.map((column) => element("td", {}, [element("bdi", {}, [visible(textIn(said[column]), 120)])])),
    ]),
  );
  return element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Attempts" }, [
    element("table", { "aria-label": "Attempts" }, [
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, rows),
    ]),
  ]);
}
