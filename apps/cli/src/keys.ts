import { Command } from "commander";
import { apiKeyCommands } from "./api-key-commands.ts";
import { initKeys } from "./keys-init.ts";
import { rotateCommand } from "./keys-rotate.ts";

/** `tandem keys`: the keys and certificates of a development or demo setup, keys that gateways sign with, and API keys. */
export function keysCommand(): Command {
  const init = new Command("init")
    .description("make certificates, keys and an admin token for both tiers; what is there and good is left alone")
    .option("--out <folder>", "where they go", ".tandem")
    .action(async ({ out }: { out: string }, command: Command) => {
      await initKeys(out, { say: (line) => console.error(line) }).catch((error: Error) => command.error(error.message));
      console.error(`done: security/ is for the security tier alone, routing/ for the routing tier, public/ for both`);
    });
  const keys = new Command("keys").description("keys and certificates, and API keys");
  keys.addCommand(init).addCommand(rotateCommand());
  for (const command of apiKeyCommands()) keys.addCommand(command);
  return keys;
}
