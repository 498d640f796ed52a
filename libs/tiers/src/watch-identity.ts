import type { RevocationStats } from "@tandem/identity/revocation/open-revocations";
import type { Watching } from "./watching.ts";

/** Shows how revocations fare; everything is read at a scrape. */
export function watchRevocations({ tier, meters: { meter } }: Watching, stats: () => RevocationStats): void {
  meter
    .createObservableGauge("tandem_revocations", { description: "Revocations in force" })
    .addCallback((result) => result.observe(stats().inForce, { tier }));
  meter
    .createObservableGauge("tandem_revocations_blind", { description: "1 while nobody can tell what was revoked" })
    .addCallback((result) => result.observe(stats().isBlind ? 1 : 0, { tier }));
  meter
    .createObservableCounter("tandem_revocations_unchecked", {
      description: "Callers accepted although nobody could tell whether their credential was revoked",
    })
    .addCallback((result) => result.observe(stats().unchecked, { tier }));
}

/** Counts the notes of a key's last use that could not be written. */
export function watchApiKeys({ meters, tier }: Watching, failures: () => number): void {
  meters.meter
    .createObservableCounter("tandem_api_key_use_failures", {
      description: "Times that the last use of keys could not be written",
    })
    .addCallback((result) => result.observe(failures(), { tier }));
}
