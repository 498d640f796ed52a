import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { loadTandem } from "@tandem/tiers/load";
import { Command } from "commander";
import { loadPolicyCases } from "@tandem/tiers/policies/policy-cases";
import { runPolicyCases, type CaseResult } from "@tandem/tiers/policies/run-policy-cases";

/** What a run of cases came to, and the exit code that says so. */
export interface PolicyVerdict {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

/** Holds the policies of a configuration against a table of cases. */
export async function policyTest(file: string, config: string): Promise<PolicyVerdict> {
  const loaded = loadTandem(config);
  if (!loaded.ok) return { lines: loaded.diagnostics.map(formatDiagnostic), exitCode: 1 };
  const { routing } = loaded.value;
  if (!routing) return { lines: [`${config} has no section routing: there are no policies in it`], exitCode: 1 };
  const read = loadPolicyCases(
    file,
    routing.routes.map(({ name }) => name),
  );
  if (!read.ok) return { lines: read.diagnostics.map(formatDiagnostic), exitCode: 1 };
  const results = await runPolicyCases(routing, read.value.cases);
  const failed = results.filter(({ passed }) => !passed).length;
  const count = `${results.length - failed} of ${results.length} cases are decided as expected`;
  return { lines: [...tableOf(results), count], exitCode: failed === 0 ? 0 : 1 };
}

function tableOf(results: readonly CaseResult[]): string[] {
  const width = Math.min(60, Math.max(...results.map(({ name }) => name.length)));
  return results.flatMap(({ name, passed, says: [first = "", ...more] }) => [
    `${passed ? "ok  " : "FAIL"}  ${name.padEnd(width)}  ${first}`,
    ...more.map((line) => `      ${"".padEnd(width)}  ${line}`),
  ]);
}

/** `tandem policy test FILE`: exit code 0 when every case is decided as expected, 1 when one is not, or a file is not good. */
export function policyCommand(): Command {
  const test = new Command("test")
    .description("hold the policies of a configuration against a table of cases; nothing is sent anywhere")
    .argument("<file>", "the cases, as YAML")
    .option("--config <file>", "the configuration whose routes and policies decide", "tandem.yaml")
    .action(async (file: string, { config }: { config: string }) => {
      const { lines, exitCode } = await policyTest(file, config);
      for (const line of lines) (exitCode === 0 ? console.log : console.error)(line);
      process.exitCode = exitCode;
    });
  return new Command("policy").description("try what the policies decide").addCommand(test);
}
