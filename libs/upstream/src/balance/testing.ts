import type { Exchange } from "@tandem/kernel/exchange";
import { exchangeOf } from "@tandem/kernel/testing";
import type { Instance } from "../pool/instance.ts";
import { TestInstance } from "../pool/testing.ts";
import type { Choose } from "./balance.ts";

/** As many instances as there are weights, at addresses of their own. */
export const instancesOf = (...weights: number[]): TestInstance[] =>
  weights.map((weight, index) => new TestInstance(`10.0.${index >> 8}.${index & 255}:8080`, { weight }));

/** That many, all alike. */
export const alike = (count: number): TestInstance[] => instancesOf(...Array.from({ length: count }, () => 1));

/** A request with these headers, by name. */
export const asking = (headers: Readonly<Record<string, string>> = {}): Exchange =>
  exchangeOf({ rawHeaders: Object.entries(headers).flat() }).exchange;

/** How often each instance, in the order of the list, is chosen for these requests when all are idle. */
export function spread(choose: Choose, instances: readonly Instance[], exchanges: Iterable<Exchange>): number[] {
  const counts = new Map(instances.map((instance) => [instance, 0]));
  for (const exchange of exchanges) {
    const chosen = choose(exchange, [])!;
    counts.set(chosen, counts.get(chosen)! + 1);
  }
  return [...counts.values()];
}

/** Pearson's statistic: how far counts are from what the weights ask for. Compare it with `critical`. */
export function chiSquare(counts: readonly number[], weights: readonly number[]): number {
  const [drawn, whole] = [sumOf(counts), sumOf(weights)];
  return counts.reduce((sum, count, index) => {
    const expected = (drawn * weights[index]!) / whole;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

/** What fair draws exceed once in a thousand times, by the number of instances less one (tables of the chi-square distribution). */
export const critical: Readonly<Record<number, number>> = { 1: 10.83, 2: 13.82, 3: 16.27, 9: 27.88, 99: 148.23 };

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
