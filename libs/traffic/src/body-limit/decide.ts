/** What a declared length means for a body: let it pass, refuse it at once, or count it as it comes. */
export function decide(declared: string | undefined, limit: number): "pass" | "refuse" | "count" {
  if (declared === undefined) return "count";
  // Also false for what is no number: a length that cannot be read is no length to rely on.
  return Number(declared) <= limit ? "pass" : "refuse";
}
