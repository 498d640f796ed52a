import type { Withheld } from "@tandem/contracts/upstream";
import type { Exchange } from "@tandem/kernel/exchange";
import { decideRetry } from "../exchange/decide-retry.ts";
import type { Hop } from "../exchange/hop.ts";
import type { Instance } from "../pool/instance.ts";

/** A first try whose connection could not be opened. */
const unopened = {
  trouble: "connect",
  sent: false,
  answering: false,
  fresh: true,
  broken: false,
  streamed: false,
  tries: 1,
} as const;

/**
 * Whom to connect to where one instance took no connection, or why nobody: by the rules and out of the budget of all other
 * requests. The first try must have ended, because its place within the limit of the service is the second one's.
 */
export function secondTry(
  exchange: Exchange,
  { retry, budget, pool }: Hop,
  refusing: Instance,
): Instance | Withheld | undefined {
  if (decideRetry({ ...unopened, method: exchange.request.method }, retry) === "never") return undefined;
  const now = performance.now();
  if (budget?.allows(now) === false) return "budget";
  const picked = pool.pick(exchange, [refusing]);
  if (typeof picked === "object") budget?.spend(now);
  return picked;
}
