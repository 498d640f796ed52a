import { parseArgs } from "node:util";

/** Reads the command line of a gateway: gives the configuration file, or says how to name one and gives nothing. */
export function readArguments(program: string, args: readonly string[] = process.argv.slice(2)): string | undefined {
  const usage = `usage: ${program} --config FILE\n\n  --config FILE   the YAML file of both tiers; this process reads its own section\n  --help          this text\n`;
  try {
    const options = { config: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
    const { config, help } = parseArgs({ args: [...args], options }).values;
    if (help) process.stdout.write(usage);
    else if (!config) throw new TypeError("--config is missing");
    else return config;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 2;
  }
  return undefined;
}
