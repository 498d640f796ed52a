import type { PoolView } from "@tandem/upstream/pool/pool-view";
import { Command } from "commander";
import { askAdmin, readAdminToken } from "./admin-plane.ts";
import { poolTable } from "./pool-table.ts";

interface PoolsOptions {
  readonly admin: string;
  readonly tokenFile: string;
  readonly json?: true;
}

/** The pools of a tier, or the one of that name; rejects with a sentence for the terminal. */
export async function collectPools(name: string | undefined, { admin, tokenFile }: PoolsOptions): Promise<PoolView[]> {
  const { status, json } = await askAdmin(admin, "/pools", { token: await readAdminToken(tokenFile) });
  if (status !== 200 || !isPools(json)) throw new Error(`${admin} has no pools: is it an admin plane of Tandem?`);
  if (name === undefined) return json;
  const pool = json.find((one) => one.name === name);
  if (pool) return [pool];
  throw new Error(`there is no pool ${name}; there are ${json.map((one) => one.name).join(", ")}`);
}

const isPools = (json: unknown): json is PoolView[] =>
  Array.isArray(json) && json.every((pool) => typeof pool === "object" && pool !== null && "instances" in pool);

/** `tandem pools [NAME]`: who serves, how each instance stands, and why. */
export function poolsCommand(): Command {
  return new Command("pools")
    .description("show who serves: every instance of every pool, how it stands, and the evidence for it")
    .argument("[name]", "one pool alone: a service, or routing-gateway")
    .option("--admin <url>", "the admin plane to ask; 9081 is the security tier's", "http://127.0.0.1:9082")
    .option("--token-file <file>", "where the admin token is", ".tandem/admin-token")
    .option("--json", "print what the admin plane says, as it is")
    .action(async (name: string | undefined, options: PoolsOptions, command: Command) => {
      const pools = await collectPools(name, options).catch((error: Error) => command.error(error.message));
      process.stdout.write(options.json ? `${JSON.stringify(pools, undefined, 2)}\n` : poolTable(pools));
    });
}
