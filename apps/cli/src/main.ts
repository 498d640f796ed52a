#!/usr/bin/env node
import { Command } from "commander";
import { checkCommand } from "./check.ts";
import { devCommand } from "./dev.ts";
import { withExitCodes } from "./exit-codes.ts";
import { explainCommand } from "./explain/explain.ts";
import { hashSecretCommand } from "./hash-secret.ts";
import { keysCommand } from "./keys.ts";
import { logsCommand } from "./logs/logs.ts";
import { policyCommand } from "./policy.ts";
import { poolsCommand } from "./pools.ts";
import { revokeCommand } from "./revoke.ts";
import { schemaCommand } from "./schema.ts";
import { traceCommand } from "./trace.ts";

const program = new Command("tandem")
  .description("Tandem, an API gateway in two tiers")
  .showHelpAfterError("(tandem --help shows what there is)")
  .addCommand(devCommand())
  .addCommand(checkCommand())
  .addCommand(policyCommand())
  .addCommand(schemaCommand())
  .addCommand(explainCommand())
  .addCommand(traceCommand())
  .addCommand(logsCommand())
  .addCommand(poolsCommand())
  .addCommand(keysCommand())
  .addCommand(revokeCommand())
  .addCommand(hashSecretCommand());

await withExitCodes(program).parseAsync();
