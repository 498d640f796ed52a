import type { Attempt } from "@tandem/contracts/upstream";
import { Agent } from "undici";
import { healthSchema } from "../health/config.ts";
import type { Instance } from "./instance.ts";
import type { House } from "./pooled-instance.ts";
import { rulesOf } from "./rules.ts";

const unconnected = new Agent();

/** An instance as a balancer sees it, with whatever a test makes of its load and its speed. */
export class TestInstance implements Instance {
  readonly id: string;
  readonly origin: string;
  readonly dispatcher = unconnected;
  weight = 1;
  inFlight = 0;
  latency = 0;

  constructor(id: string, state: Partial<Pick<Instance, "weight" | "inFlight" | "latency">> = {}) {
    this.id = id;
    this.origin = `http://${id}`;
    Object.assign(this, state);
  }

  begin(): void {
    this.inFlight++;
  }

  end(): void {
    this.inFlight--;
  }
}

/** How an attempt ended that nobody made. */
export const attemptNote = (note: Partial<Attempt> = {}): Attempt => ({
  target: "orders",
  instance: "a",
  spanId: "0000000000000001",
  startedAt: 0,
  endedAt: 1,
  outcome: "answered",
  ...note,
});

/** A pool that an instance belongs to only in name: nothing follows from what it does. */
export const unjudged = (): House => ({
  rules: rulesOf({ health: healthSchema.parse({ outlier: false }) }),
  now: () => performance.now(),
  inFlight: 0,
  ejections: 0,
  breaks: 0,
  changed: () => {},
  toEject: () => {},
});
