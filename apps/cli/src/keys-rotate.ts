import type { KeyAlgorithm } from "@tandem/identity/keys/create-key-file";
import { rotateKeys, type Rotation } from "@tandem/identity/keys/rotate-keys";
import { parseQuantity, time } from "@tandem/platform/config/quantity";
import type { Tier } from "@tandem/tiers/config";
import { Option, type Command } from "commander";
import { duration, rotateApiKey, withTarget, type RotateOptions } from "./api-key-commands.ts";
import { rotatingIn, rotatingOf, type Rotating } from "./keys-rotations.ts";

interface SigningOptions {
  readonly config?: string;
  readonly tier?: Tier;
  readonly keys?: string;
  readonly public?: string;
  readonly algorithm?: KeyAlgorithm;
  readonly lead?: string;
  readonly retireAfter?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** How long somebody else who rotates is waited for. */
const patience = 10_000;

/** `tandem keys rotate`: the keys that gateways sign with, by file or by directory; with an id, the secret of an API key. */
export function rotateCommand(): Command {
  return withTarget("rotate", "rotate the keys that gateways sign with; or with an id, the secret of an API key")
    .argument("[id]", "of an API key, as it is listed: ak_…")
    .addOption(
      new Option("--overlap <duration>", "how long the old secret stays good, such as 2h; a day if not configured")
        .argParser(duration)
        .conflicts(["config", "keys"]),
    )
    .addOption(new Option("--now", "end the old secret at once").conflicts(["config", "keys"]))
    .optionsGroup("Keys that gateways sign with:")
    .addOption(new Option("--config <file>", "rotate all that this configuration names").conflicts("keys"))
    .addOption(tierOption())
    .option("--keys <folder>", "rotate this folder of private keys")
    .addOption(new Option("--public <folder>", "where their public halves go").conflicts("config"))
    .addOption(algorithmOption())
    .option("--lead <duration>", "how long the next key is known before it signs: 65s, assertion keys 5s", duration)
    .option(
      "--retire-after <duration>",
      "how long one is kept once another signs: by default longer than what it signed lives",
      duration,
    )
    .option("--dry-run", "only tell what would be done")
    .action((id: string | undefined, options: RotateOptions & SigningOptions, command: Command) => {
      const forSigning = options.config !== undefined || options.keys !== undefined;
      if (id !== undefined && !forSigning) return rotateApiKey(id, options, command);
      if (id === undefined && forSigning) return rotateSigning(options, command);
      return command.error("expected either --config or --keys, or the id of an API key", {
        exitCode: 2,
        code: "tandem.misuse",
      });
    });
}

const tierOption = () =>
  new Option("--tier <tier>", "of that configuration, only what this tier signs with")
    .choices(["security", "routing"])
    .conflicts("keys");

const algorithmOption = () =>
  new Option("--algorithm <algorithm>", "what they are for, in a folder without keys")
    .choices(["RS256", "ES256", "EdDSA"])
    .conflicts("config");

async function rotateSigning(options: SigningOptions, command: Command): Promise<void> {
  const { json, dryRun = false, lead, retireAfter } = options;
  const asked = {
    ...(lead !== undefined && { lead: parseQuantity(time, lead) ?? 0 }),
    ...(retireAfter !== undefined && { retireAfter: parseQuantity(time, retireAfter) ?? 0 }),
  };
  const failures: string[] = [];
  const done: (Rotation & { name: string; directory: string })[] = [];
  for (const rotating of await rotatingFor(options).catch((error: Error) => command.error(error.message)))
    try {
      const { name, directory } = rotating;
      const rotation = await rotateKeys(directory, { ...rotating, ...asked }, { dryRun, patience });
      done.push({ name, directory, ...rotation });
      if (!json) process.stdout.write(textOf(rotating, rotation, dryRun));
    } catch (error) {
      failures.push(
        `the ${rotating.name} cannot be rotated: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  if (json) process.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
  if (failures.length > 0) command.error(failures.join("\n"));
}

async function rotatingFor({ config, tier, keys, algorithm, ...more }: SigningOptions): Promise<readonly Rotating[]> {
  if (config !== undefined) return rotatingIn(config, tier);
  return [
    await rotatingOf({
      keys: keys ?? "",
      ...(more.public !== undefined && { public: more.public }),
      ...(algorithm && { algorithm }),
    }),
  ];
}

function textOf({ name, directory }: Rotating, { made, waiting, retired, kept }: Rotation, dryRun: boolean): string {
  const would = dryRun ? "would be " : "";
  const lines = [
    ...(made
      ? [`${would}made, signs from ${timeOf(made.signsFrom)}${made.kid === undefined ? "" : `: ${made.kid}`}`]
      : []),
    ...(waiting ? [`none made: the next one signs from ${timeOf(waiting.signsFrom)}: ${waiting.kid}`] : []),
    ...kept.map(({ kid, until }) => `kept until ${timeOf(until)}: ${kid}`),
    ...retired.map(({ kid }) => `${would}removed: ${kid}`),
  ];
  return `${name} in ${directory}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.000Z$/, "Z");
