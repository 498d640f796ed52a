import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { securityQuestion, type SecurityQuestion } from "@tandem/tiers/explain/question";
import { InvalidArgumentError, Option, type Command } from "commander";

/** What the command line says of the request, and of whom to ask. */
export interface ExplainOptions {
  readonly token?: string;
  readonly tokenFrom?: string;
  readonly header: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly address: string;
  readonly http: "1.0" | "1.1" | "2";
  readonly config?: string;
  readonly json?: true;
  readonly admin: readonly string[];
  readonly tokenFile: string;
}

/** The options of `tandem explain`. */
export function withExplainOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--token <token>", "the caller's access token; a shell remembers what is typed").conflicts(
        "tokenFrom",
      ),
    )
    .option("--token-from <file>", "the caller's access token from a file, or with - from stdin")
    .option("--header <line>", 'a header, as "name: value"; once for each', header, [])
    .option("--body <file>", "what the body holds, for routes that look into it")
    .option("--address <ip>", "where the caller is", "127.0.0.1")
    .addOption(new Option("--http <version>", "which it speaks").choices(["1.0", "1.1", "2"]).default("1.1"))
    .addOption(
      new Option("--config <file>", "ask both tiers as this file makes them, instead of those that run").conflicts(
        "admin",
      ),
    )
    .option("--json", "print the answers of both tiers as they are")
    .option("--admin <url...>", "the admin planes to ask: a security gateway's, then a routing gateway's", [
      "http://127.0.0.1:9081",
      "http://127.0.0.1:9082",
    ])
    .option("--token-file <file>", "where the admin token is", ".tandem/admin-token");
}

/** The question that they make; rejects with a sentence for the terminal. */
export async function questionOf(method: string, url: string, options: ExplainOptions): Promise<SecurityQuestion> {
  const { tokenFrom, token = tokenFrom === undefined ? undefined : await read(tokenFrom), header: given } = options;
  const headers = [...given, ...(token === undefined ? [] : [["authorization", `Bearer ${token.trim()}`] as const])];
  const body = options.body === undefined ? undefined : { base64: (await bytes(options.body)).toString("base64") };
  const asked = { method: method.toUpperCase(), url, headers, address: options.address, protocol: options.http };
  const { data, error } = securityQuestion.safeParse({ ...asked, ...(body && { body }) });
  if (data) return data;
  const [issue] = error.issues;
  // A header may hold a credential: its place is told, and what is wrong with it, never what stands there.
  throw new Error(`${issue?.path.join(".") ?? "the request"}: ${issue?.message ?? "is none"}`);
}

function header(line: string, before: ExplainOptions["header"]): ExplainOptions["header"] {
  const colon = line.indexOf(":");
  // What was typed may be a secret, and is not repeated.
  if (colon < 1) throw new InvalidArgumentError('Expected a header as "name: value".');
  return [...before, [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
}

const read = async (file: string): Promise<string> => (await bytes(file)).toString("utf8");

async function bytes(file: string): Promise<Buffer> {
  try {
    return file === "-" ? await buffer(process.stdin) : await readFile(file);
  } catch (cause) {
    throw new Error(`${file} cannot be read`, { cause });
  }
}
