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

/** The grounds on which a list of endpoints stands. */
export interface Evidence {
  readonly service: string;
  readonly source: "static" | "consul";
  readonly endpoints: readonly Endpoint[];
  /** Milliseconds since the source last answered; absent while it never has. */
  readonly ageMs?: number;
  /** Consul's index of the answer. */
  readonly index?: number;
  /** Why the list may be out of date; absent when the source stands behind it. */
  readonly degraded?: string;
}
