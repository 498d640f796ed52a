/** Milliseconds for which an answer may be kept, as far as its `cache-control` says so (RFC 9111 §5.2.2); 0 where it may not. */
export function freshFor(headers: Headers): number | undefined {
  let seconds: number | undefined;
  for (const directive of (headers.get("cache-control") ?? "").toLowerCase().split(",")) {
    const [name, value] = directive.trim().split("=", 2);
    if (name === "no-store" || name === "no-cache") return 0;
    const age = name === "max-age" ? secondsOf(value) : undefined;
    // Of two that contradict each other the shorter is the safer.
    if (age !== undefined) seconds = Math.min(age, seconds ?? age);
  }
  if (seconds === undefined) return undefined;
  const spent = secondsOf(headers.get("age") ?? undefined) ?? 0;
  return Math.max(0, seconds - spent) * 1000;
}

const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
