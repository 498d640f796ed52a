import { hash } from "node:crypto";
import type { TestContext } from "node:test";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { issuersSchema } from "../issuers/config.ts";
import type { EmbeddedIssuer, Issuers } from "../issuers/issuer.ts";
import { openIssuers } from "../issuers/open-issuers.ts";
import { createKeyFile } from "../keys/create-key-file.ts";
import { emptyDirectory } from "../keys/testing.ts";

/** A client of the test issuer, whose secret is its id and `-secret`. */
const clientOf = (id: string, more: object): object => ({
  id,
  secretHash: `sha256:${hash("sha256", `${id}-secret`)}`,
  ...more,
});

/** Our own issuer with two clients and a key directory of its own, until the test ends. */
export async function openTestIssuer(
  t: TestContext,
): Promise<{ issuer: EmbeddedIssuer; issuers: Issuers; directory: string }> {
  const directory = await emptyDirectory(t);
  await createKeyFile(directory, { algorithm: "RS256", now: 1_000_000 });
  const options = issuersSchema.parse([
    {
      name: "local",
      type: "embedded",
      issuer: "https://gateway.test",
      audience: "demo",
      keys: directory,
      clients: [
        clientOf("app", { scopes: ["orders:read", "orders:write"], roles: ["clerk"], tenant: "acme" }),
        clientOf("bare", {}),
      ],
    },
  ]);
  const issuers = await openIssuers(options, { logger: silentLogger });
  t.after(() => issuers.close());
  if (!issuers.embedded) throw new Error("the test issuer is not there");
  return { issuer: issuers.embedded, issuers, directory };
}
