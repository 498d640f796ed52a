import { isWithoutCredentials } from "@tandem/platform/config/url-credentials";
import { Command } from "commander";
import { follow } from "./follow.ts";
import { lineJson, lineText } from "./line-text.ts";
import { lokiAt } from "./loki.ts";
import { defaultLoki, questionOf, withLogsOptions, type LogsOptions } from "./options.ts";
import { planesAt } from "./planes.ts";
import { beganAt, type LogSource } from "./question.ts";

const notes = `
Without --loki, and without TANDEM_LOKI in the environment, the admin planes are asked: they keep the latest requests in
memory. What holds for --trace, --principal and the others must hold all together. Times are UTC.`;

/** `tandem logs`: the lines of both tiers, from a central log or from what they keep in memory. */
export function logsCommand(): Command {
  return withLogsOptions(new Command("logs"))
    .description("print what both tiers logged, in order of time")
    .addHelpText("after", notes)
    .action(async (options: LogsOptions, command: Command) => {
      // Commander would repeat it, password and all.
      if (typeof options.loki === "string" && !isWithoutCredentials(options.loki))
        command.error("the address of Loki must hold no user and no password", { exitCode: 2 });
      const source = sourceOf(options);
      process.stderr.write(`asking ${source.name}\n`);
      // Whoever reads may have seen enough, as `head` has.
      process.stdout.on("error", () => process.exit(0));
      await print(source, options).catch((error: Error) => command.error(error.message));
    });
}

const sourceOf = ({ loki, admin, tokenFile }: LogsOptions): LogSource =>
  loki === undefined ? planesAt({ admin, tokenFile }) : lokiAt(loki === true ? defaultLoki : loki);

async function print(source: LogSource, options: LogsOptions): Promise<void> {
  const question = questionOf(options);
  const form = options.json ? lineJson : lineText;
  for await (const lines of follow(source, question)) {
    const inOrder = lines.toSorted((one, other) => beganAt(one) - beganAt(other));
    process.stdout.write(inOrder.map((line) => `${form(line)}\n`).join(""));
    if (options.follow) continue;
    if (lines.length === 0) throw new Error("no line is like that; --since 24h looks further back");
    if (lines.length === question.limit)
      process.stderr.write(
        `these are the latest ${question.limit}: there may be more, which --limit and --until show\n`,
      );
    return;
  }
}
