import { InvalidArgumentError, Option, type Command } from "commander";
import { momentAgo } from "../moment.ts";
import { most } from "./follow.ts";
import { fieldOf, isClass, type Question } from "./question.ts";

type Looked = Partial<Record<keyof typeof fieldOf, string>>;

/** What the command line says, once it makes sense. */
export interface LogsOptions extends Looked {
  readonly since: string;
  readonly until?: string;
  readonly limit: number;
  readonly follow?: true;
  readonly json?: true;
  readonly loki?: string | true;
  readonly admin: readonly string[];
  readonly tokenFile: string;
}

export const defaultLoki = "http://127.0.0.1:3100";

/** The options of `tandem logs`. */
export function withLogsOptions(command: Command): Command {
  return command
    .option("--trace <id>", "of one trace", traceId)
    .option("--request <id>", "of one request: the x-request-id of its answer")
    .option("--principal <subject>", "of requests by this caller")
    .option("--route <name>", "of requests that took this route")
    .option("--address <ip>", "of this client's address: its requests, and its connections")
    .option("--status <status>", "of requests that were answered so: 403, or 5xx", status)
    .addOption(new Option("--dataset <kind>", "of this kind").choices(["request", "connection", "process"]))
    .addOption(new Option("--tier <tier>", "of this tier").choices(["security", "routing"]))
    .addOption(
      new Option("--since <when>", "from then on: a date, or a time ago such as 10m")
        .argParser(momentAgo)
        .default(momentAgo("1h"), "1h"),
    )
    .option("--until <when>", "before then", momentAgo)
    .option("--limit <count>", "that many of the latest", limit, 100)
    .addOption(new Option("--follow", "and then each new one as it comes, until Ctrl-C").conflicts("until"))
    .option("--json", "print ECS objects, one a line")
    .addOption(
      new Option("--loki [url]", `ask a central log, at ${defaultLoki} unless said otherwise`)
        .env("TANDEM_LOKI")
        .argParser(lokiUrl),
    )
    .option("--admin <url...>", "without --loki: the admin planes to ask", [
      "http://127.0.0.1:9081",
      "http://127.0.0.1:9082",
    ])
    .option("--token-file <file>", "where the admin token is", ".tandem/admin-token");
}

/** The question that the options ask. */
export function questionOf(options: LogsOptions): Question {
  const named = Object.keys(fieldOf) as (keyof typeof fieldOf)[];
  return {
    conditions: named.flatMap((name) => {
      const value = options[name];
      if (value === undefined) return [];
      return [{ field: fieldOf[name], value: name === "dataset" ? `tandem.${value}` : value }];
    }),
    since: Date.parse(options.since),
    until: options.until === undefined ? undefined : Date.parse(options.until),
    limit: options.limit,
  };
}

function traceId(text: string): string {
  if (/^[0-9a-f]{32}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("Expected the 32 hexadecimal digits of a trace; --request takes an x-request-id.");
}

function status(text: string): string {
  if (isClass(text) || /^[1-5]\d\d$/.test(text)) return text;
  throw new InvalidArgumentError("Expected a status such as 403, or a class of them such as 5xx.");
}

function limit(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw new InvalidArgumentError(`Expected a number from 1 to ${most}.`);
}

function lokiUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError(`Expected an address such as ${defaultLoki}.`);
}
