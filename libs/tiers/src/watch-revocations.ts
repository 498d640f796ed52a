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
