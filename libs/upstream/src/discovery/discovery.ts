import type { Endpoint } from "@tandem/contracts/upstream";

/** Where the healthy instances of a service are found. */
export interface Discovery {
  /** Tells the healthy endpoints of a service once they are known and whenever they change; never before `watch` has returned. */
  watch(service: string, onChange: (endpoints: readonly Endpoint[]) => void): Watch;
}

/** One service being watched. */
export interface Watch {
  /** What is believed of the service, and on what grounds; for the admin plane. */
  evidence(): Evidence;
  /** Stops watching; `onChange` is not called again. */
  close(): void;
}

/** A discovery that asks somebody, and can be told what was known before it had an answer. */
export interface Source extends Discovery {
  watch(service: string, onChange: (endpoints: readonly Endpoint[]) => void): SourceWatch;
}

/** One service being asked about. */
export interface SourceWatch extends Watch {
  /** Takes these for the last known instances, unless there was an answer. */
  suppose(endpoints: readonly Endpoint[]): void;
}

/** The grounds on which a list of endpoints stands. */
export type Evidence = Grounds & (StaticGrounds | ConsulGrounds | DnsGrounds);

interface Grounds {
  readonly service: string;
  /** The first of them, where there are very many. */
  readonly endpoints: readonly Endpoint[];
  /** How many more there are. */
  readonly unlisted?: number;
  /** Milliseconds since the source last answered; absent while it never has. */
  readonly ageMs?: number;
  /** Milliseconds since the source began not to answer; absent while it answers. */
  readonly silentMs?: number;
  /** How often the source did not answer, or not with what was asked for; absent where nobody is asked. */
  readonly failures?: number;
  /** Why the list may be out of date; absent when the source stands behind it. */
  readonly degraded?: string;
  /** The list was read from disk, where it was written so long ago. */
  readonly remembered?: { readonly ageMs: number };
  /** What was chosen by, and from how many. */
  readonly subset?: Subset & { readonly of: number };
  /** The places among which one is in use, in the order of preference. */
  readonly choices?: readonly ChoiceView[];
}

interface StaticGrounds {
  readonly source: "static";
}

interface ConsulGrounds {
  readonly source: "consul";
  /** Consul's index of the answer. */
  readonly index: number;
  /** The one that was asked for; absent where it is the agent's own. */
  readonly datacenter?: string;
}

interface DnsGrounds {
  readonly source: "dns";
  /** Milliseconds for which the answer still holds; absent while there is none. */
  readonly ttlMs?: number;
  /** Which name server gave it. */
  readonly server?: string;
}

/** Which instances are meant: those that have all these tags, and all these pairs of meta. */
export interface Subset {
  readonly tags?: readonly string[] | undefined;
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** One of the places where instances can be had. */
export interface ChoiceView {
  readonly name: string;
  readonly inUse: boolean;
  /** How many it has; absent while that is not known. */
  readonly count?: number;
  readonly degraded?: string;
}
