import { readRevocationLists } from "./revocation-lists.ts";
import { type FileProblem, type KeyPair, type KeyPairFiles, readAuthorities, readKeyPair } from "./key-pair.ts";

type Options = NonNullable<Parameters<typeof readKeyPair>[1]>;

/** What is wrong with certificates or keys, in words for whoever configured them; nothing can be opened with them. */
export class TlsFileError extends Error {
  override readonly name = "TlsFileError";

  constructor(problems: readonly FileProblem<string>[]) {
    super(problems.map(({ message }) => message).join("; "));
  }
}

/** Reads a TLS identity for those who cannot start without it. */
export function loadKeyPair(files: KeyPairFiles, options?: Options): KeyPair {
  const read = readKeyPair(files, options);
  if (!read.ok) throw new TlsFileError(read.problems);
  return read.pair;
}

/** Reads whom to trust, as PEM, for those who cannot start without it. */
export function loadAuthorities(file: string, options?: Options): string {
  const read = readAuthorities(file, options);
  if (!read.ok) throw new TlsFileError(read.problems);
  return read.pem;
}

/** Reads what was taken back, as PEM blocks, for those who cannot start without it. */
export function loadRevocationLists(file: string, options?: Options): readonly string[] {
  const read = readRevocationLists(file, options);
  if (!read.ok) throw new TlsFileError(read.problems);
  return read.lists;
}
