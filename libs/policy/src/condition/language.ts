import { Environment } from "@marcbachmann/cel-js";
import { isNetwork, networksOf } from "@tandem/kernel/listener/networks";
import { createLinearMatcher, type LinearMatcher } from "../pattern/linear-matcher.ts";
import { type Facts, PrincipalFacts, RequestFacts, RouteFacts, TlsFacts } from "./facts.ts";

/** The fields of each variable, by the name of its type. */
export const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Principal: {
    subject: "string",
    client: "string",
    method: "string",
    roles: "list<string>",
    scopes: "list<string>",
    audiences: "list<string>",
    tenant: "string",
    issuer: "string",
    anonymous: "bool",
  },
  Request: {
    method: "string",
    path: "string",
    host: "string",
    query: "map<string, list<string>>",
    headers: "map<string, list<string>>",
    params: "map<string, string>",
    address: "string",
    time: "google.protobuf.Timestamp",
    tls: "Tls",
    protocol: "string",
  },
  Tls: { version: "string", sni: "string" },
  Route: { name: "string" },
};

/** The type of each variable. */
export const variables = { principal: "Principal", request: "Request", route: "Route" } satisfies Record<
  Exclude<keyof Facts, "caller">,
  string
>;

/** The most of an expression that is read at all; what it may cost is reckoned apart. */
export const longestExpression = 4096;

/** CEL as conditions speak it, and what literals in one of them stand for: compiled once, when it is loaded. */
export interface Language {
  readonly environment: Environment;
  readonly patterns: Map<string, LinearMatcher>;
  readonly networks: Map<string, (address: string) => boolean>;
}

/** Makes the language of one expression. A literal that is none throws here, in `learn`, and never while a request waits. */
export function createLanguage(): Language {
  const patterns = new Map<string, LinearMatcher>();
  const networks = new Map<string, (address: string) => boolean>();
  const environment = base
    .clone()
    .registerFunction(
      "matches(string, string): bool",
      (text: string, pattern: string) => patternOf(patterns, pattern).test(text),
      { async: false },
    )
    .registerFunction(
      "inCidr(string, string): bool",
      (address: string, network: string) => networkOf(networks, network)(address),
      { async: false },
    );
  return { environment, patterns, networks };
}

/** Compiles a literal pattern; throws a PatternFault. */
export function learnPattern({ patterns }: Language, pattern: string): LinearMatcher {
  let matcher = patterns.get(pattern);
  if (!matcher) patterns.set(pattern, (matcher = createLinearMatcher(pattern)));
  return matcher;
}

/** Compiles a literal network; false where it is none. */
export function learnNetwork({ networks }: Language, network: string): boolean {
  if (!isNetwork(network)) return false;
  if (!networks.has(network)) networks.set(network, networksOf([network]));
  return true;
}

function patternOf(patterns: Language["patterns"], pattern: string): LinearMatcher {
  const known = patterns.get(pattern);
  if (!known) throw new Error("matches: this pattern was not compiled when the configuration was loaded");
  return known;
}

function networkOf(networks: Language["networks"], network: string): (address: string) => boolean {
  const known = networks.get(network);
  if (!known) throw new Error("inCidr: this network was not compiled when the configuration was loaded");
  return known;
}

const base = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 40, maxListElements: 250, maxMapEntries: 0 } })
  .registerType("Tls", { ctor: TlsFacts, fields: { ...fields.Tls } })
  .registerType("Principal", { ctor: PrincipalFacts, fields: { ...fields.Principal } })
  .registerType("Request", { ctor: RequestFacts, fields: { ...fields.Request } })
  .registerType("Route", { ctor: RouteFacts, fields: { ...fields.Route } });
for (const [name, type] of Object.entries(variables)) base.registerVariable(name, type);
