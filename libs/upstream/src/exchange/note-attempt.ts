import type { Attempt } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";
import type { Hop } from "./hop.ts";

/** Notes in the record that an attempt begins; whoever makes it fills the rest in. */
export function noteAttempt(exchange: Exchange, hop: Hop, instance: Instance): Attempt {
  const { record } = exchange;
  const note: Attempt = {
    target: hop.target,
    instance: instance.id,
    origin: instance.origin,
    spanId: hop.ids.spanId(),
    startedAt: record.now(),
  };
  record.attempts.push(note);
  return note;
}
