import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { clientCertificateOf, type TlsOptions } from "./config.ts";

/** What a TLS listener works with, read and checked. */
export interface TlsMaterial {
  /** PEM, the server's own certificate first. */
  readonly certificate: string;
  readonly key: string;
  /** Who vouches for clients, and whether one may come without a certificate; absent, none is asked for. */
  readonly clients?: { readonly ca: string; readonly required: boolean };
}

/** What is wrong with a certificate or key, in words for whoever configured it. */
export class TlsMaterialError extends Error {
  override readonly name = "TlsMaterialError";
}

/** Reads certificate, key and client CA, and checks that they are what they are given for. */
export function loadTlsMaterial(options: TlsOptions, now: number = Date.now()): TlsMaterial {
  const certificate = read(options.certificate, "certificate");
  const key = read(options.key, "key");
  const own = certificateIn(certificate, options.certificate, now);
  if (!own.checkPrivateKey(privateKeyIn(key, options.key)))
    throw new TlsMaterialError(`the key in ${options.key} is not that of the certificate in ${options.certificate}`);
  if (options.clientCa === undefined) return { certificate, key };
  const ca = read(options.clientCa, "client CA");
  if (!certificateIn(ca, options.clientCa, now).ca)
    throw new TlsMaterialError(`the certificate in ${options.clientCa} does not belong to an authority`);
  return { certificate, key, clients: { ca, required: clientCertificateOf(options) === "required" } };
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const why = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "it may not be read" : code;
    throw new TlsMaterialError(`the ${what} cannot be read from ${file}: ${why}`, { cause });
  }
}

function certificateIn(pem: string, file: string, now: number): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    throw new TlsMaterialError(`there is no PEM certificate in ${file}`, { cause });
  }
  if (Date.parse(certificate.validTo) < now)
    throw new TlsMaterialError(`the certificate in ${file} expired on ${certificate.validTo}`);
  return certificate;
}

function privateKeyIn(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new TlsMaterialError(`there is no PEM private key without passphrase in ${file}`, { cause });
  }
}
