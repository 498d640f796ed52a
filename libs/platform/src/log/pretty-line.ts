import { escapeControls } from "./escape-controls.ts";
import type { LogFields } from "./logger.ts";
import { readLine } from "./read-line.ts";

interface PrettyOptions {
  readonly colours: boolean;
}

const colourOf: Readonly<Record<string, number>> = { error: 31, warn: 33, info: 32, debug: 36 };
const dim = 2;

/** What every line has and nobody at a terminal asks for. */
const hidden = new Set(["ecs.version", "event.dataset", "service.node.name"]);
/** Of the lines of requests and connections, which are long, what a person wants to see first, and how it is called here. */
const brief: Readonly<Record<string, string>> = {
  "tandem.tier": "tier",
  "tandem.flags": "flags",
  "error.code": "problem",
  "user.id": "by",
  "tandem.route": "route",
  "error.message": "cause",
  "http.request.id": "request",
};
const briefDatasets = new Set<unknown>(["tandem.request", "tandem.connection"]);

/**
 * Turns a line of JSON into one that a person reads; what is no JSON object is shown as it is, and a connection that ended
 * well not at all: its requests have been shown.
 */
export function toPrettyLine(json: string, { colours }: PrettyOptions): string {
  const entry = readLine(json);
  if (entry === undefined) return escapeControls(json);
  if (entry["event.dataset"] === "tandem.connection" && entry["event.outcome"] === "success") return "";
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { "@timestamp": time, "log.level": level, message, "error.stack_trace": stack, ...fields } = entry;
  const word = typeof level === "string" ? level : "info";
  const head = [
    paint(dim, clockTime(time)),
    paint(colourOf[word] ?? dim, escapeControls(word.toUpperCase().padEnd(5))),
    escapeControls(typeof message === "string" ? message : "-"),
  ];
  const told = briefDatasets.has(entry["event.dataset"]) ? briefly(fields) : withErrorChain(fields);
  const tail = Object.entries(told)
    .filter(([name]) => !hidden.has(name))
    .map(([name, value]) => `${paint(dim, `${escapeControls(name)}=`)}${shown(value)}`);
  const line = [...head, ...tail].join(" ");
  return typeof stack === "string" ? `${line}\n${paint(dim, indented(stack))}` : line;
}

function briefly(fields: LogFields): LogFields {
  const told: Record<string, unknown> = {};
  for (const [name, word] of Object.entries(brief)) {
    const value = fields[name];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) told[word] = value;
  }
  const attempts = fields["tandem.attempts"];
  if (!Array.isArray(attempts) || attempts.length === 0) return told;
  const last: unknown = attempts.at(-1);
  const to: unknown = typeof last === "object" && last !== null ? Reflect.get(last, "instance") : undefined;
  return { ...told, ...(to !== undefined && { to }), ...(attempts.length > 1 && { attempts: attempts.length }) };
}

/** Puts an error's chain into one text. */
function withErrorChain(fields: LogFields): LogFields {
  const { "error.message": message, "error.code": code, "error.cause": cause, "error.type": _, ...others } = fields;
  if (message === undefined) return fields;
  const links = [linkOf(message, code)];
  for (let link = cause; typeof link === "object" && link !== null; link = Reflect.get(link, "cause"))
    links.push(linkOf(Reflect.get(link, "message"), Reflect.get(link, "code")));
  return { ...others, error: links.join(" <- ") };
}

const linkOf = (message: unknown, code: unknown): string =>
  `${String(message)}${typeof code === "string" ? ` (${code})` : ""}`;

function clockTime(time: unknown): string {
  const date = new Date(typeof time === "string" || typeof time === "number" ? time : Number.NaN);
  if (Number.isNaN(date.getTime())) return "--:--:--.---";
  const digits = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return `${digits.join(":")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Bare where nothing could be misread. */
function shown(value: unknown): string {
  if (typeof value === "string" && /^[\w.:/@%+*-]+$/.test(value)) return value;
  return escapeControls(JSON.stringify(value) ?? "");
}

function indented(stack: string): string {
  return stack
    .split("\n")
    .map((line) => `    ${escapeControls(line)}`)
    .join("\n");
}
