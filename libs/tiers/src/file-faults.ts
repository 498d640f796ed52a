import { keyFileFault } from "@tandem/identity/api-keys/key-file";
import { clientKeysFault } from "@tandem/identity/issuers/client-keys-fault";
import type { IssuerOptions } from "@tandem/identity/issuers/config";
import { readKeySetDocument } from "@tandem/identity/jose/key-set-document";
import { publicKeysFault, signingKeysFault } from "@tandem/identity/keys/directory-fault";
import type { ConfigPath, Problem } from "@tandem/platform/config/diagnostic";
import { logDirectoryFault } from "@tandem/platform/log/directory-fault";
import { readText } from "@tandem/platform/read-text";
import { readAuthorities, readKeyPair } from "@tandem/platform/tls/key-pair";
import { readRevocationLists } from "@tandem/platform/tls/revocation-lists";
import type { TandemConfig } from "./config.ts";
import { rotationFaults, routingRotations, securityRotations } from "./key-rotations.ts";

const largestKeySet = 262_144;

/** What is wrong with the files that the security tier starts with, each told at the setting that names it. */
export function securityFileFaults({ security, consul, log }: TandemConfig): Problem[] {
  if (!security) return [];
  const { listen, assertion, issuers, apiKeys, routingTier } = security;
  return [
    ...tlsFaults(["security", "listen", "tls"], listen.tls),
    ...told(["security", "assertion", "keys"], signingKeysFault(assertion.keys, "EdDSA")),
    ...issuers.flatMap((issuer, at) => told(["security", "issuers", at, "keys"], issuerFault(issuer))),
    ...issuers.flatMap((issuer, at) =>
      clientsOf(issuer).flatMap(({ keys }, client) =>
        told(
          ["security", "issuers", at, "clients", client, "keys"],
          typeof keys === "string" ? clientFault(keys) : undefined,
        ),
      ),
    ),
    ...rotationFaults(securityRotations(security)),
    ...(apiKeys && "file" in apiKeys ? told(["security", "apiKeys", "file"], keyFileFault(apiKeys.file)) : []),
    ...tlsFaults(["security", "routingTier", "tls"], routingTier.tls),
    ...tlsFaults(["consul", "tls"], consul.tls),
    ...logFaults(log),
  ];
}

/** The same for the routing tier. */
export function routingFileFaults({ routing, consul, log }: TandemConfig): Problem[] {
  if (!routing) return [];
  const { listen, assertion, services, serviceTokens } = routing;
  return [
    ...tlsFaults(["routing", "listen", "tls"], listen.tls),
    ...told(["routing", "assertion", "keys"], publicKeysFault(assertion.keys, "EdDSA")),
    ...(serviceTokens ? told(["routing", "serviceTokens", "keys"], signingKeysFault(serviceTokens.keys, "ES256")) : []),
    ...rotationFaults(routingRotations(routing)),
    ...Object.entries(services).flatMap(([name, { tls }]) => tlsFaults(["routing", "services", name, "tls"], tls)),
    ...tlsFaults(["consul", "tls"], consul.tls),
    ...logFaults(log),
  ];
}

const logFaults = ({ file }: TandemConfig["log"]): Problem[] =>
  file ? told(["log", "file", "directory"], logDirectoryFault(file.directory)) : [];

interface TlsFiles {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
  readonly clientCa?: string | undefined;
  readonly clientCrl?: string | undefined;
}

function tlsFaults(path: ConfigPath, { certificate, key, ca, clientCa, clientCrl }: TlsFiles = {}): Problem[] {
  const pair = certificate !== undefined && key !== undefined ? readKeyPair({ certificate, key }) : undefined;
  const pairFaults = !pair || pair.ok ? [] : pair.problems;
  return [
    ...pairFaults.flatMap(({ field, message }) => told([...path, field], message)),
    ...told([...path, "ca"], authoritiesFault(ca)),
    ...told([...path, "clientCa"], authoritiesFault(clientCa)),
    ...told([...path, "clientCrl"], revocationListsFault(clientCrl)),
  ];
}

function revocationListsFault(file: string | undefined): string | undefined {
  const read = file === undefined ? undefined : readRevocationLists(file);
  return !read || read.ok ? undefined : read.problems.map(({ message }) => message).join("; ");
}

function authoritiesFault(file: string | undefined): string | undefined {
  const read = file === undefined ? undefined : readAuthorities(file);
  return !read || read.ok ? undefined : read.problems.map(({ message }) => message).join("; ");
}

function issuerFault(issuer: IssuerOptions): string | undefined {
  if (issuer.type === "embedded") return signingKeysFault(issuer.keys, "RS256");
  if (issuer.type === "introspection" || issuer.keys === undefined) return undefined;
  const read = readText(issuer.keys, { limit: largestKeySet });
  if (!read.ok) return `${issuer.keys} ${read.why}`;
  try {
    readKeySetDocument(read.text, issuer.algorithms);
    return undefined;
  } catch (error) {
    const why = error instanceof SyntaxError || !(error instanceof Error) ? "it is not JSON" : error.message;
    return `the keys in ${issuer.keys} cannot be used: ${why}`;
  }
}

const clientsOf = (issuer: IssuerOptions) => (issuer.type === "embedded" ? issuer.clients : []);

function clientFault(file: string): string | undefined {
  const read = readText(file, { limit: largestKeySet });
  if (!read.ok) return `${file} ${read.why}`;
  const fault = clientKeysFault(read.text);
  return fault === undefined ? undefined : `the keys in ${file} cannot be used: ${fault}`;
}

const told = (path: ConfigPath, message: string | undefined): Problem[] =>
  message === undefined ? [] : [{ path, message }];
