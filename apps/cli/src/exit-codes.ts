import type { Command } from "commander";

/** What `command.error()` says when nothing else is asked of it: the command ran, and failed. */
const failed = "commander.error";

/** Makes a command and all below it end with 2 when they were misused; 1 says that it ran and failed, 0 goes with help that was asked for. */
export function withExitCodes(command: Command): Command {
  command.exitOverride(({ code, exitCode }) => process.exit(exitCode === 0 || code === failed ? exitCode : 2));
  for (const below of command.commands) withExitCodes(below);
  return command;
}
