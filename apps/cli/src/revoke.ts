import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import type { RevocationAnswer } from "@tandem/identity/revocation/revocation-sections";
import type { Revoked } from "@tandem/identity/revocation/revocations";
import { tokenDigest } from "@tandem/identity/revocation/token-digest";
import { Argument, Command } from "commander";
import { askAdmin, readAdminToken } from "./admin-plane.ts";
import { moment, momentAhead } from "./moment.ts";

interface RevokeOptions {
  readonly from?: string;
  readonly issuer?: string;
  readonly before?: string;
  readonly until?: string;
  readonly admin: string;
  readonly tokenFile: string;
}

/** What the admin plane calls the name of each kind. */
const members: Readonly<Record<Revoked["kind"], string>> = {
  token: "digest",
  id: "id",
  subject: "subject",
  client: "client",
  session: "session",
  key: "keyId",
};

/** The most by which an issuer may be set to forgive late tokens. */
const skewMs = 300_000;

/** `tandem revoke KIND VALUE`: takes credentials back before they expire. */
export function revokeCommand(): Command {
  return new Command("revoke")
    .description("take credentials back before they expire, within a second in every gateway")
    .addArgument(
      new Argument("<kind>", "one token or the id (jti) of one, or all of a subject, client, session or signing key")
        .choices(Object.keys(members))
        .argRequired(),
    )
    .argument("[value]", "which; a token is better given with --from, as a shell remembers what is typed")
    .option("--from <file>", "read the value from a file, or with - from stdin")
    .option("--issuer <iss>", "only what this issuer gave, where another may use the same name")
    .option("--before <when>", "of a subject or client, only what was given up to then; now by default", moment)
    .option(
      "--until <when>",
      "how long it counts, as a date or a time from now: as long as any of it is valid",
      momentAhead,
    )
    .option("--admin <url>", "the admin plane of a security gateway", "http://127.0.0.1:9081")
    .option("--token-file <file>", "where the admin token is", ".tandem/admin-token")
    .action(async function (this: Command, kind: Revoked["kind"], value: string | undefined) {
      const options = this.opts<RevokeOptions>();
      const fault = misuse(kind, value, options);
      if (fault !== undefined) this.error(fault, { exitCode: 2, code: "tandem.misuse" });
      await revoke(kind, value, options).then(
        (answer) => tell(answer),
        (error: Error) => this.error(error.message),
      );
    });
}

function misuse(kind: Revoked["kind"], value: string | undefined, { from, issuer, before }: RevokeOptions) {
  if ((value === undefined) === (from === undefined)) return "expected either a value or --from";
  if (issuer !== undefined && kind === "token")
    return "--issuer makes no sense with a token: it names its issuer itself";
  if (before !== undefined && kind !== "subject" && kind !== "client") return "--before is for subjects and clients";
  return undefined;
}

/** Asks the admin plane; a token itself is sent nowhere. Rejects with a sentence for the terminal. */
async function revoke(kind: Revoked["kind"], given: string | undefined, options: RevokeOptions) {
  const { from, issuer, before, until, admin, tokenFile } = options;
  const value = given ?? (await valueIn(from ?? "-"));
  if (value === "") throw new Error("the value is empty");
  const what = kind === "token" ? tokenBody(value, until) : { [members[kind]]: value, until };
  const body = { kind, ...what, issuer, before };
  const { status, json } = await askAdmin(admin, "/revocations", {
    token: await readAdminToken(tokenFile),
    method: "POST",
    body,
  });
  if (status === 201 && isAnswer(json)) return json;
  const told = typeof json === "object" && json !== null && "detail" in json ? String(json.detail) : undefined;
  throw new Error(told ?? `${admin} answered ${status}: is it the admin plane of a security gateway?`);
}

function tell({ revoked, shared }: RevocationAnswer): void {
  const { kind, before, until } = revoked;
  const name = kind === "token" ? "the token" : `${kind} ${revoked[members[kind]]}`;
  console.log(`revoked until ${until}: ${name}${before === undefined ? "" : `, all that was given up to ${before}`}`);
  if (!shared)
    console.error(
      "the store is the memory of that process: no other gateway knows of it, nor does this one after a restart",
    );
}

async function valueIn(file: string): Promise<string> {
  try {
    return (file === "-" ? await textOf(process.stdin) : await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new Error(`the value cannot be read from ${file}`, { cause });
  }
}

/** By its digest, and for as long as it lives, where that can be read from it. */
function tokenBody(token: string, until: string | undefined) {
  const end = endOf(token);
  if (until === undefined && end !== undefined && Date.parse(end) <= Date.now())
    throw new Error("the token has expired: there is nothing to revoke");
  return { digest: digestOf(token), until: until ?? end };
}

function digestOf(token: string): string {
  if (/\s/.test(token)) throw new Error("this is no token: there is white space in it");
  return tokenDigest(token);
}

/** When a JWT has surely ended; nothing where the text does not tell. Nobody else's life depends on its being true. */
function endOf(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const { exp } = claims as { exp?: unknown };
    return typeof exp === "number" ? new Date(exp * 1000 + skewMs).toISOString() : undefined;
  } catch {
    return undefined;
  }
}

const isAnswer = (json: unknown): json is RevocationAnswer =>
  typeof json === "object" && json !== null && "revoked" in json && "shared" in json;
