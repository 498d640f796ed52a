import { escapeControls } from "./escape-controls.ts";

interface PrettyOptions {
  readonly colours: boolean;
}

type Fields = Record<string, unknown>;

const colourOf: Readonly<Record<string, number>> = { error: 31, warn: 33, info: 32, debug: 36 };
const dim = 2;

/** Turns a line of JSON into one that a person reads; what is no JSON object is shown as it is. */
export function toPrettyLine(json: string, { colours }: PrettyOptions): string {
  const entry = parse(json);
  if (entry === undefined) return escapeControls(json);
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { time, level, message, stack, ...fields } = flattened(entry);
  const word = typeof level === "string" ? level : "info";
  const head = [
    paint(dim, clockTime(time)),
    paint(colourOf[word] ?? dim, escapeControls(word.toUpperCase().padEnd(5))),
    escapeControls(typeof message === "string" ? message : summary(fields)),
  ];
  const tail = Object.entries(fields).map(
    ([name, value]) => `${paint(dim, `${escapeControls(name)}=`)}${shown(value)}`,
  );
  const line = [...head, ...tail].join(" ");
  return typeof stack === "string" ? `${line}\n${paint(dim, indented(stack))}` : line;
}

function parse(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** An access line has no message: what was asked and what came of it stand in for it, and are not repeated. */
function summary(fields: Fields): string {
  const words: string[] = [];
  for (const name of ["method", "host", "path", "status"]) {
    const value = fields[name];
    if (typeof value !== "string" && typeof value !== "number") continue;
    words.push(String(value));
    delete fields[name];
  }
  return words.join(" ");
}

/** Puts an error's chain into one text, and its stack at the end of the line. */
function flattened(entry: Fields): Fields {
  const { error } = entry;
  if (typeof error !== "object" || error === null) return entry;
  const links: string[] = [];
  let stack: unknown;
  for (let link: unknown = error; typeof link === "object" && link !== null; link = Reflect.get(link, "cause")) {
    const code: unknown = Reflect.get(link, "code");
    links.push(`${String(Reflect.get(link, "message"))}${typeof code === "string" ? ` (${code})` : ""}`);
    stack ??= Reflect.get(link, "stack");
  }
  return { ...entry, error: links.join(" <- "), stack };
}

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
