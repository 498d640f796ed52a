import { Command } from "commander";
import { askingFile, askingPlanes } from "./answerers.ts";
import { explanationText } from "./explanation-text.ts";
import { questionOf, withExplainOptions, type ExplainOptions } from "./options.ts";
import { isPastId, pastRequest, pastText } from "./past-request.ts";

const notes = `
  tandem explain GET https://localhost:8443/orders --token-from token.txt
  tandem explain abcdefghijklmnopqrstuvwxyz

The stages that serve answer, up to where they would act: nothing is sent, spent or counted. With the x-request-id of an
answer, or a trace id, a request of the past is told from what the tiers keep of it.`;

/** `tandem explain METHOD URL`, and `tandem explain ID`: why a request is, or was, refused, and why it goes where it goes. */
export function explainCommand(): Command {
  return withExplainOptions(new Command("explain"))
    .description("tell what would become of a request, or what became of one, and why")
    .argument("<method-or-id>", "GET, POST, …; or the id of a request or trace")
    .argument("[url]", "https://host/path, where a method stands before it")
    .addHelpText("after", notes)
    .action(async (...[what, url, options, command]: [string, string | undefined, ExplainOptions, Command]) => {
      if (url === undefined && !isPastId(what))
        command.error("a URL is missing; the id of a past request has 26 letters, that of a trace 32 digits", {
          exitCode: 2,
          code: "explain.misused",
        });
      const telling = url === undefined ? tellPast(what, options) : tellAhead(what, url, options);
      process.stdout.write(await telling.catch((error: Error) => command.error(error.message)));
    });
}

async function tellPast(id: string, options: ExplainOptions): Promise<string> {
  if (options.config !== undefined)
    throw new Error("a file remembers no requests: ask those that run, without --config");
  const lines = await pastRequest(id, options);
  return options.json ? json(lines) : pastText(lines);
}

async function tellAhead(method: string, url: string, options: ExplainOptions): Promise<string> {
  const question = await questionOf(method, url, options);
  const ask = options.config === undefined ? askingPlanes(options) : askingFile(options.config);
  const answers = await ask(question);
  return options.json ? json(answers) : explanationText(answers);
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
