import { isUtf8 } from "node:buffer";
import { createScryptHash } from "@tandem/identity/issuers/scrypt-hash";
import { createSecretHash } from "@tandem/identity/issuers/secret-hash";
import { createMarkedSecret } from "@tandem/identity/marked-secret";
import { Command, Option } from "commander";

interface HashSecretOptions {
  readonly scrypt?: true;
  readonly generate?: true;
}

/** Characters: 128 random bits in base64url. What is shorter, somebody can try all of, by a hash that is quick. */
const leastGenerated = 22;
/** Characters; anything shorter is guessed, however slow the hash. */
const leastChosen = 8;
/** Bytes; a longer one fits in no token request. */
const longest = 1024;

/** What every client secret of ours begins with, so that scanners find one that leaked. */
const prefix = "tdc";

/** `tandem hash-secret`: what stands in the file in place of a client's secret. */
export function hashSecretCommand(): Command {
  return new Command("hash-secret")
    .description("read a client's secret from stdin and print its hash, the secretHash of the client in the file")
    .option("--scrypt", "with a hash that is slow to guess by: for a secret that a person chose")
    .addOption(
      new Option("--generate", "make a secret; it is shown on stderr, this one time, its hash on stdout").conflicts(
        "scrypt",
      ),
    )
    .action(async ({ scrypt, generate }: HashSecretOptions, command: Command) => {
      const secret = generate ? createMarkedSecret(prefix) : await readSecret(process.stdin);
      const fault = faultOf(secret, scrypt === true);
      if (fault !== undefined) command.error(fault);
      if (generate) console.error(`the secret, shown this one time: ${secret}`);
      console.log(scrypt ? await createScryptHash(secret) : createSecretHash(secret));
    });
}

/** What is on stdin but for the end of its line; nothing that can be a secret where it is no text, or too much. */
async function readSecret(stdin: NodeJS.ReadStream): Promise<string> {
  // What is typed would be seen on the screen.
  if (stdin.isTTY) return "";
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > longest + 2) return "";
    chunks.push(bytes);
  }
  const all = Buffer.concat(chunks);
  return isUtf8(all) ? all.toString().replace(/\r?\n$/, "") : "";
}

/** Why a secret is none, as a sentence that says nothing of it. */
function faultOf(secret: string, isChosen: boolean): string | undefined {
  if (secret === "" || Buffer.byteLength(secret) > longest || /\p{Cc}/u.test(secret))
    return `expected the secret on stdin, a line of at most ${longest} bytes: printf %s "$SECRET" | tandem hash-secret`;
  if (isChosen)
    return secret.length < leastChosen ? `a secret of less than ${leastChosen} characters is guessed` : undefined;
  return secret.length < leastGenerated
    ? `less than ${leastGenerated} characters: a person chose it, so give --scrypt, or let --generate make a better one`
    : undefined;
}
