import type { RequestsAnswer } from "@tandem/observe/requests/requests-sections";
import { escapeControls } from "@tandem/platform/log/escape-controls";
import { askAdmin, readAdminToken } from "../admin-plane.ts";

interface PlanesOptions {
  readonly admin: readonly string[];
  readonly tokenFile: string;
}

type Line = RequestsAnswer["requests"][number];

/** Tells an id from a method: 26 letters and digits of ours, or the 32 hexadecimal ones of a trace. */
export const isPastId = (text: string): boolean => /^(?:[a-z2-7]{26}|[0-9a-f]{32})$/.test(text);

/** The lines that the tiers keep of one request, in the order of its way; rejects with a sentence for the terminal. */
export async function pastRequest(id: string, { admin, tokenFile }: PlanesOptions): Promise<Line[]> {
  const token = await readAdminToken(tokenFile);
  const parts = await Promise.all(
    admin.map(async (plane) => {
      const { status, json } = await askAdmin(plane, `/requests/${id}`, { token });
      if (status === 404) return [];
      if (status !== 200 || !isAnswer(json))
        throw new Error(`${plane} keeps no requests: is it an admin plane of Tandem?`);
      return [...json.requests];
    }),
  );
  const lines = parts.flat();
  if (lines.length === 0) throw new Error(`nobody keeps a request or trace ${id}: it is too old, or was never here`);
  return lines.toSorted((one, other) => String(one["@timestamp"]).localeCompare(String(other["@timestamp"])));
}

const isAnswer = (json: unknown): json is RequestsAnswer =>
  typeof json === "object" && json !== null && "requests" in json && Array.isArray(json.requests);

/** What stands under its own heading, by the names of the log. */
const told = [
  ["who", ["user.id", "tandem.client", "tandem.authenticated_by", "client.address"]],
  ["route", ["tandem.route"]],
  ["decision", ["tandem.decision", "tandem.rule", "tandem.reason"]],
  ["missing", ["tandem.missing"]],
  ["flags", ["tandem.flags"]],
  ["problem", ["error.code", "error.message"]],
] as const;

/** Those lines as the explanation of what happened: who, which route, who decided and what came nearest, and every attempt. */
export function pastText(lines: readonly Line[]): string {
  const [first] = lines;
  const head = [`${text(first?.["message"])}, at ${text(first?.["@timestamp"])}`];
  const parts = lines.flatMap((line) => [
    "",
    `${text(line["service.name"])} (${text(line["service.node.name"])})`,
    ...told.flatMap(([heading, names]) => {
      const values = names.map((name) => text(line[name])).filter(Boolean);
      return values.length > 0 ? [row(heading, values.join(", "))] : [];
    }),
    ...rulesOf(line),
    ...attemptsOf(line),
  ]);
  return `${[...head, ...parts].map((line) => escapeControls(line)).join("\n")}\n`;
}

const row = (heading: string, says: string): string => `  ${heading.padEnd(18)}${says}`;

/** Which rules of a refusal came nearest, and what policies that are only watched would have said. */
function rulesOf(line: Line): string[] {
  const nearest = listOf(line["tandem.nearest"]).map(({ rule, missed }) => `${text(rule)} missed ${text(missed)}`);
  const shadows = listOf(line["tandem.shadows"]).map(
    ({ policy, rule, effect }) => `${text(policy)}/${text(rule)} would ${text(effect)}`,
  );
  return [...nearest.map((one) => row("nearest", one)), ...shadows.map((one) => row("only watched", one))];
}

function attemptsOf(line: Line): string[] {
  return listOf(line["tandem.attempts"]).map(({ target, instance, ...rest }) => {
    const how = Object.entries(rest).map(([name, value]) => `${name} ${text(value)}`);
    return row("attempt", `${text(target)} ${text(instance)}: ${how.join(", ")}`);
  });
}

type Fields = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.filter((one): one is Fields => typeof one === "object" && one !== null) : [];

function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((one) => text(one)).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
