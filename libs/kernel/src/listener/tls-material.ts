import type { Clock } from "@tandem/platform/clock";
import { loadAuthorities, loadKeyPair, loadRevocationLists } from "@tandem/platform/tls/load-tls";
import { clientCertificateOf, type TlsOptions } from "./config.ts";

/** What a TLS listener works with, read and checked. */
export interface TlsMaterial {
  /** PEM, the server's own certificate first. */
  readonly certificate: string;
  readonly key: string;
  /** Who vouches for clients, and whether one may come without a certificate; absent, none is asked for. */
  readonly clients?: ClientAuthorities;
}

interface ClientAuthorities {
  readonly ca: string;
  readonly required: boolean;
  /** What they have taken back, as PEM blocks, and where that stands. */
  readonly revoked?: { readonly file: string; readonly lists: readonly string[] };
}

/** Reads certificate, key and client CA; throws a TlsFileError when they are not what they are given for. */
export function loadTlsMaterial(options: TlsOptions, clock: { readonly clock?: Clock } = {}): TlsMaterial {
  const { certificate, key } = loadKeyPair(options, clock);
  if (options.clientCa === undefined) return { certificate, key };
  const ca = loadAuthorities(options.clientCa, clock);
  const required = clientCertificateOf(options) === "required";
  const { clientCrl: file } = options;
  const revoked = file !== undefined && { revoked: { file, lists: loadRevocationLists(file, clock) } };
  return { certificate, key, clients: { ca, required, ...revoked } };
}
