import { hash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

let made: Promise<string> | undefined;

/** One RSA key for all tests of a file: making one is what would take the time. */
const firstKey = (): Promise<string> => (made ??= makeKey());

async function makeKey(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tandem-key-"));
  const kid = await createKeyFile(directory, { algorithm: "RS256", now: 1_000_000 });
  const text = await readFile(join(directory, `${kid}.json`), "utf8");
  await rm(directory, { recursive: true });
  return text;
}

/** Our own issuer with three clients and a key directory of its own, until the test ends. */
export async function openTestIssuer(
  t: TestContext,
): Promise<{ issuer: EmbeddedIssuer; issuers: Issuers; directory: string }> {
  const directory = await emptyDirectory(t);
  await writeFile(join(directory, "first.json"), await firstKey());
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
        clientOf("sealed", { scopes: ["orders:read"], roles: ["clerk"], tenant: "acme", tokens: "opaque" }),
      ],
    },
  ]);
  const issuers = await openIssuers(options, { logger: silentLogger });
  t.after(() => issuers.close());
  if (!issuers.embedded) throw new Error("the test issuer is not there");
  return { issuer: issuers.embedded, issuers, directory };
}
