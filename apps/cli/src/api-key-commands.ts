import type { FreshKeyAnswer } from "@tandem/identity/api-keys/admin-sections";
import { parseQuantity, time } from "@tandem/platform/config/quantity";
import { Command, InvalidArgumentError } from "commander";
import { keysOfFile, keysOfGateway, type ApiKeySource } from "./api-key-source.ts";
import { keyCard, keyTable } from "./api-key-table.ts";
import { momentAhead } from "./moment.ts";

interface Target {
  readonly admin: string;
  readonly tokenFile: string;
  readonly file?: string;
  readonly json?: true;
}

interface CreateOptions extends Target {
  readonly name: string;
  readonly owner: string;
  readonly scope: readonly string[];
  readonly role: readonly string[];
  readonly tenant?: string;
  readonly label?: string;
  readonly expires?: string;
}

/** The options of `tandem keys rotate ID`. */
export interface RotateOptions extends Target {
  readonly overlap?: string;
  readonly now?: true;
}

/** `tandem keys create`, `list`, `show` and `revoke`: API keys, of a running gateway or in a file. */
export function apiKeyCommands(): Command[] {
  const create = withTarget("create", "make an API key; its secret goes to stdout, this one time")
    .requiredOption("--name <text>", "what it is for, in a few words")
    .requiredOption("--owner <subject>", "who calls: the subject that services and policies see")
    .option("--scope <scope...>", "what it may do", [])
    .option("--role <role...>", "the roles of its owner", [])
    .option("--tenant <tenant>", "the tenant that it belongs to")
    .option("--label <word>", "shown in the secret, tdm_<word>_…, for people and scanners of leaks")
    .option(
      "--expires <when>",
      "a time from now such as 90d, or a date such as 2027-01-31; never by default",
      momentAhead,
    )
    .action(({ scope, role, expires, ...options }: CreateOptions, command: Command) =>
      run(command, options, async (source) => {
        const { name, owner, tenant, label } = options;
        const asked = { name, owner, scopes: scope, roles: role, tenant, label, expiresAt: expires };
        showFresh(await source.create(asked), options);
      }),
    );

  const list = withTarget("list", "list the API keys; no secret is shown, for nobody has it").action(
    (options: Target, command: Command) =>
      run(command, options, async (source) => show(await source.list(), { options, text: keyTable })),
  );

  const showOne = withTarget("show", "show one API key")
    .argument("<id>", "as it is listed: ak_…")
    .action((id: string, options: Target, command: Command) =>
      run(command, options, async (source) => show(await source.show(id), { options, text: keyCard })),
    );

  const revoke = withTarget("revoke", "end an API key for good, within a second in every gateway")
    .argument("<id>", "as it is listed: ak_…")
    .action((id: string, options: Target, command: Command) =>
      run(command, options, async (source) => show(await source.revoke(id), { options, text: keyCard })),
    );

  return [create, list, showOne, revoke];
}

/** What `tandem keys rotate ID` does. */
export function rotateApiKey(id: string, options: RotateOptions, command: Command): Promise<void> {
  if (options.now && options.overlap !== undefined)
    command.error("--now and --overlap contradict each other", { exitCode: 2, code: "tandem.misuse" });
  return run(command, options, async (source) =>
    showFresh(await source.rotate(id, options.now ? "0s" : options.overlap), options),
  );
}

/** A command on the API keys of a running gateway, or of a file. */
export function withTarget(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option("--admin <url>", "the admin plane of a security gateway", "http://127.0.0.1:9081")
    .option("--token-file <file>", "where the admin token is", ".tandem/admin-token")
    .option("--file <file>", "edit this file of keys instead; gateways that follow it see that at once")
    .option("--json", "print JSON, for programs");
}

async function run(command: Command, target: Target, act: (source: ApiKeySource) => Promise<void>): Promise<void> {
  const { admin, tokenFile, file } = target;
  const source = file === undefined ? keysOfGateway(admin, tokenFile) : keysOfFile(file, msOf);
  await act(source).catch((error: Error) => command.error(error.message));
}

function show<T>(found: T, { options, text }: { options: Target; text: (found: T) => string }): void {
  process.stdout.write(options.json ? `${JSON.stringify(found, null, 2)}\n` : text(found));
}

/** The secret alone on stdout, so that a script can take it; the rest is for whoever looks. */
function showFresh(fresh: FreshKeyAnswer, { json }: Target): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(fresh, null, 2)}\n`);
    return;
  }
  process.stderr.write(`${keyCard(fresh.key)}\nIts secret, which nobody can show again, is sent as X-API-Key:\n`);
  process.stdout.write(`${fresh.secret}\n`);
}

const msOf = (text: string): number => parseQuantity(time, text) ?? 0;

/** A duration as it was written, once it is known to be one. */
export function duration(text: string): string {
  if (parseQuantity(time, text) === undefined) throw new InvalidArgumentError(`Expected ${time.expected}.`);
  return text;
}
