import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { loadRouting, loadSecurity, loadTandem } from "@tandem/tiers/load";
import type { Tier } from "@tandem/tiers/config";
import { Command, Option } from "commander";

/** What `tandem check` found, and the exit code that says so. */
export interface Verdict {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

const loaders = { security: loadSecurity, routing: loadRouting };

/** Holds a file against everything that starting it would; with a tier, its secrets and files are looked for too. */
export function check(file: string, tier?: Tier): Verdict {
  const loaded = (tier ? loaders[tier] : loadTandem)(file);
  if (!loaded.ok) return { lines: loaded.diagnostics.map(formatDiagnostic), exitCode: 1 };
  const { services = {}, routes = [] } = loaded.value.routing ?? {};
  const counts = `${routes.length} routes, ${Object.keys(services).length} services`;
  return { lines: [`${file} is good: ${counts}, generation ${loaded.hash}`], exitCode: 0 };
}

/** `tandem check FILE`: exit code 0 when the file is good, 1 when it is not. */
export function checkCommand(): Command {
  return new Command("check")
    .description("check a configuration file; every fault is named with file, line and column")
    .argument("<file>", "the configuration file")
    .addOption(
      new Option("--tier <tier>", "also look for the secrets and files of this tier").choices(["security", "routing"]),
    )
    .action((file: string, { tier }: { tier?: Tier }) => {
      const { lines, exitCode } = check(file, tier);
      for (const line of lines) (exitCode === 0 ? console.log : console.error)(line);
      process.exitCode = exitCode;
    });
}
