import { assertionHeader, clientHeader, credentialHeader } from "@tandem/contracts/assertion";
import { isAnonymous, type Principal } from "@tandem/contracts/principal";
import { matchPath, type PathPattern } from "@tandem/kernel/patterns/path-pattern";
import type { RequestView } from "@tandem/kernel/request-view";

/** What a decision is about; an `Exchange` is one as it stands. */
export interface Question {
  readonly principal: Principal;
  readonly request: RequestView;
  readonly route?: { readonly name: string } | undefined;
  readonly pattern?: PathPattern | undefined;
}

/** Which headers and query parameters conditions read: these names, or whatever there is. */
export interface Mentions {
  readonly headers: ReadonlySet<string> | "all";
  readonly query: ReadonlySet<string> | "all";
}

/** No condition sees a longer text or list: what one evaluation can cost was reckoned with these when it was loaded. */
export const longestText = 8192;
export const longestList = 100;
/** Of all items of a list together. */
export const longestTotal = 32_768;

/** A request holds more than a condition may look at; no answer would be one about the whole of it. */
export class TooMuch extends Error {
  constructor(what: string) {
    super(`${what} is more than a condition looks at`);
    this.name = "TooMuch";
  }
}

/** The variables of conditions. Nothing of a request is read before an expression asks for it. */
export class Facts {
  readonly principal: PrincipalFacts;
  readonly request: RequestFacts;
  readonly route: RouteFacts;
  /** By whom outcomes that depend on nothing else are remembered: the same object for every request of one caller. */
  readonly caller: Principal;

  constructor(question: Question, mentions: Mentions, now: () => number) {
    this.caller = question.principal;
    this.principal = new PrincipalFacts(question.principal);
    this.request = new RequestFacts(question, mentions, now);
    this.route = new RouteFacts(question.route?.name ?? "");
  }
}

export class RouteFacts {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class PrincipalFacts {
  readonly #principal: Principal;

  constructor(principal: Principal) {
    this.#principal = principal;
  }

  get subject(): string {
    return text(this.#principal.subject, "the subject");
  }

  get client(): string | undefined {
    return optional(this.#principal.client, "the client");
  }

  get tenant(): string | undefined {
    return optional(this.#principal.tenant, "the tenant");
  }

  get issuer(): string | undefined {
    return optional(this.#principal.issuer, "the issuer");
  }

  get method(): string {
    return this.#principal.method;
  }

  get anonymous(): boolean {
    return isAnonymous(this.#principal);
  }

  /** What nobody has proved counts for nothing. */
  get scopes(): readonly string[] {
    return this.anonymous ? [] : list(this.#principal.scopes, "the list of scopes");
  }

  get roles(): readonly string[] {
    return this.anonymous ? [] : list(this.#principal.roles, "the list of roles");
  }

  get audiences(): readonly string[] {
    const { audiences = [] } = this.#principal;
    return this.anonymous ? [] : list(audiences, "the list of audiences");
  }
}

export class TlsFacts {
  readonly version: string;
  readonly sni: string | undefined;

  constructor(version: string, sni: string | undefined) {
    this.version = version;
    this.sni = sni;
  }
}

export class RequestFacts {
  readonly #question: Question;
  readonly #mentions: Mentions;
  readonly #now: () => number;
  #headers: Map<string, string[]> | undefined;
  #query: Map<string, string[]> | undefined;
  #time: Date | undefined;

  constructor(question: Question, mentions: Mentions, now: () => number) {
    this.#question = question;
    this.#mentions = mentions;
    this.#now = now;
  }

  get method(): string {
    return this.#question.request.method;
  }

  get path(): string {
    return text(this.#question.request.path, "the path");
  }

  get host(): string {
    return this.#question.request.host;
  }

  get address(): string {
    return this.#question.request.clientAddress;
  }

  /** Of the client's own connection, where the security tier tells. */
  get protocol(): string {
    const { client, protocol } = this.#question.request;
    return client?.protocol ?? protocol;
  }

  get tls(): TlsFacts | undefined {
    const { client, peer } = this.#question.request;
    if (client) return client.tls === undefined ? undefined : new TlsFacts(client.tls, client.sni);
    return peer.tls && new TlsFacts(peer.tls.version, peer.tls.sni);
  }

  /** The same throughout one decision. */
  get time(): Date {
    return (this.#time ??= new Date(this.#now()));
  }

  get params(): Map<string, string> {
    const { pattern, request } = this.#question;
    const params = pattern && matchPath(pattern, request.path);
    const read = new Map<string, string>();
    for (const [name, value] of Object.entries(params ?? {})) read.set(name, text(value, `the parameter ${name}`));
    return read;
  }

  /** Every value under every name, line by line as they were sent: a rule that saw only one of several could be led past. */
  get headers(): Map<string, string[]> {
    return (this.#headers ??= readHeaders(this.#question.request.headers, this.#mentions.headers));
  }

  get query(): Map<string, string[]> {
    return (this.#query ??= readQuery(this.#question.request.query, this.#mentions.query));
  }
}

function readHeaders(raw: readonly string[], wanted: Mentions["headers"]): Map<string, string[]> {
  const read = new Map<string, string[]>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!;
    if (name === assertionHeader || name === clientHeader || name === credentialHeader) continue;
    if (wanted === "all" || wanted.has(name)) collect(read, name, raw[index + 1]!);
  }
  return bounded(read, "the list of headers");
}

function readQuery(query: string, wanted: Mentions["query"]): Map<string, string[]> {
  const read = new Map<string, string[]>();
  if (query.length < 2) return read;
  for (const [name, value] of new URLSearchParams(query))
    if (wanted === "all" || wanted.has(name)) collect(read, name, value);
  return bounded(read, "the list of query parameters");
}

function collect(read: Map<string, string[]>, name: string, value: string): void {
  const values = read.get(name);
  if (values === undefined) read.set(text(name, "a name"), [value]);
  else if (values.length < longestList) values.push(value);
  else throw new TooMuch("the list of values of a name");
}

function bounded(read: Map<string, string[]>, what: string): Map<string, string[]> {
  if (read.size > longestList) throw new TooMuch(what);
  for (const values of read.values()) list(values, what);
  return read;
}

function text(value: string, what: string): string {
  if (value.length > longestText) throw new TooMuch(what);
  return value;
}

const optional = (value: string | undefined, what: string): string | undefined =>
  value === undefined ? undefined : text(value, what);

function list(values: readonly string[], what: string): readonly string[] {
  if (values.length > longestList) throw new TooMuch(what);
  let total = 0;
  for (const value of values) total += text(value, `one of ${what}`).length;
  if (total > longestTotal) throw new TooMuch(what);
  return values;
}
