import type { Clock } from "@tandem/platform/clock";
import { loadAuthorities, loadKeyPair } from "@tandem/platform/tls/load-tls";
import { clientCertificateOf, type TlsOptions } from "./config.ts";

/** What a TLS listener works with, read and checked. */
export interface TlsMaterial {
  /** PEM, the server's own certificate first. */
  readonly certificate: string;
  readonly key: string;
  /** Who vouches for clients, and whether one may come without a certificate; absent, none is asked for. */
  readonly clients?: { readonly ca: string; readonly required: boolean };
}

/** Reads certificate, key and client CA; throws a TlsFileError when they are not what they are given for. */
export function loadTlsMaterial(options: TlsOptions, clock: { readonly clock?: Clock } = {}): TlsMaterial {
  const { certificate, key } = loadKeyPair(options, clock);
  if (options.clientCa === undefined) return { certificate, key };
  const ca = loadAuthorities(options.clientCa, clock);
  return { certificate, key, clients: { ca, required: clientCertificateOf(options) === "required" } };
}
