import type { Attempt } from "@tandem/contracts/upstream";
import { Agent } from "undici";
import type { Instance } from "./instance.ts";

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
