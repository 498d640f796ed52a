import { hash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { OutgoingHttpHeaders } from "node:http2";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createGateway } from "@tandem/kernel/gateway";
import { ask, listening, serverMaterial, session } from "@tandem/kernel/listener/testing";
import type { Stage } from "@tandem/kernel/stage";
import { request } from "@tandem/kernel/testing";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { issuersSchema } from "../issuers/config.ts";
import type { EmbeddedIssuer, Issuers } from "../issuers/issuer.ts";
import { openIssuers } from "../issuers/open-issuers.ts";
import { createKeyFile } from "../keys/create-key-file.ts";
import { emptyDirectory } from "../keys/testing.ts";

/** A client of the test issuer, whose secret is its id and `-secret`. */
export const clientOf = (id: string, more: object): object => ({
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

/** What a test issuer has beside the usual. */
interface More {
  readonly clients?: readonly object[];
  /** Of the issuer itself, as in the file. */
  readonly options?: object;
  /** Other issuers, as in the file. */
  readonly others?: readonly object[];
}

/** Our own issuer with three clients and a key directory of its own, until the test ends. */
export async function openTestIssuer(
  t: TestContext,
  { clients = [], options: own = {}, others = [] }: More = {},
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
        ...clients,
      ],
      ...own,
    },
    ...others,
  ]);
  const issuers = await openIssuers(options, { logger: silentLogger });
  t.after(() => issuers.close());
  if (!issuers.embedded) throw new Error("the test issuer is not there");
  return { issuer: issuers.embedded, issuers, directory };
}

/** How a test asks an endpoint as a client that knows its secret; a field that is undefined is not sent. */
export type Asking = (
  path: string,
  fields: Readonly<Record<string, string | undefined>>,
  as?: string,
) => Promise<{ readonly status: number; readonly json: any; readonly headers: OutgoingHttpHeaders }>;

interface Protocol {
  readonly name: "HTTP/1.1" | "HTTP/2";
  readonly asking: (t: TestContext, stages: readonly Stage[]) => Promise<Asking>;
}

const type = "application/x-www-form-urlencoded";

const bodyOf = (fields: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ).toString();

const secretOf = (client: string): string => `Basic ${Buffer.from(`${client}:${client}-secret`).toString("base64")}`;

/** The endpoints over both protocols, with TLS, as clients reach them. */
export const protocols: readonly Protocol[] = [
  {
    name: "HTTP/1.1",
    asking: async (t, stages) => {
      const gateway = createGateway(stages);
      return (path, fields, as = "web") => {
        const headers = { "content-type": type, authorization: secretOf(as) };
        return request(t, gateway, { method: "POST", path, headers, body: bodyOf(fields) });
      };
    },
  },
  {
    name: "HTTP/2",
    asking: async (t, stages) => {
      const { port } = await listening(t, { stages, tls: serverMaterial });
      const client = session(t, port);
      return async (path, fields, as = "web") => {
        const target = { ":method": "POST", ":path": path, ":authority": "localhost" };
        const headers = { ...target, "content-type": type, authorization: secretOf(as) };
        const { fields: answered, ...rest } = await ask(client, headers, bodyOf(fields));
        return { ...rest, headers: answered };
      };
    },
  },
];
