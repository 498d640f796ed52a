import { GatewayError } from "@tandem/contracts/errors";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Store } from "@tandem/platform/store/store";
import { tokenError } from "../authenticate/token-error.ts";
import type { Condition } from "../authenticate/verified.ts";
import type { RevocationOptions } from "./config.ts";
import { RevocationBook } from "./revocation-book.ts";
import type { Entry } from "./revocation-entry.ts";
import { RevocationFeed } from "./revocation-feed.ts";
import type { Revocations } from "./revocations.ts";

interface Surroundings {
  readonly store: Store;
  /** Whether other gateways use this store, so that it may know what this one does not. */
  readonly isShared: boolean;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** Figures for whoever watches. */
export interface RevocationStats {
  readonly inForce: number;
  readonly isBlind: boolean;
  /** Callers that were accepted although nobody could tell whether their credential was revoked. */
  readonly unchecked: number;
}

/** Revocations that are shared through a store, until they are closed. */
export interface OpenRevocations extends Revocations {
  readonly isShared: boolean;
  readonly stats: RevocationStats;
  /** What is in force, in no order; at most so many. */
  list(limit: number): Entry[];
  /** Why this gateway should not get requests yet: it would refuse every caller with a credential. */
  notReady(): string | undefined;
  close(): Promise<void>;
}

/** Reads what was revoked before it gives itself away; where the store does not answer, it is blind until it does. */
export async function openRevocations(
  { whenBlind, blindAfter, pollEvery, maxEntries }: RevocationOptions,
  { store, isShared, logger, clock = systemClock }: Surroundings,
): Promise<OpenRevocations> {
  const own = logger.child({ part: "revocation" });
  const book = new RevocationBook({ maxEntries, clock });
  let wasBlind = false;
  let unchecked = 0;
  let toldUnchecked = 0;

  // The memory of this process holds all that there is: nothing can have been missed.
  const isBlind = (): boolean => isShared && clock.monotonic() - feed.knownUntil > blindAfter;

  const tellBlindness = (): void => {
    if (isBlind() === wasBlind) return;
    wasBlind = !wasBlind;
    if (wasBlind) {
      const fate = whenBlind === "refuse" ? "refused" : "accepted unchecked";
      own.warn(`nobody can tell what was revoked: callers with a credential are ${fate}`);
      return;
    }
    own.info("what was revoked is known again", { unchecked: unchecked - toldUnchecked });
    toldUnchecked = unchecked;
  };
  const shared = { store, book, pollEvery, maxEntries, logger: own, clock };
  const feed = new RevocationFeed({ ...shared, looked: tellBlindness });
  await feed.start();

  const condition: Condition = (verified, presented) => {
    if (book.hasRevoked(verified, presented)) throw tokenError("token.revoked");
    if (!isBlind()) return;
    if (whenBlind === "refuse") throw blind();
    if (!presented.dry) unchecked++;
  };

  return {
    isShared,
    condition,
    revoke: (what, until, asked) => feed.add({ ...what, until }, asked),
    get stats() {
      return { inForce: book.size, isBlind: isBlind(), unchecked };
    },
    list: (limit) => {
      const entries: Entry[] = [];
      for (const { entry } of book.lines()) if (entries.push(entry) === limit) break;
      return entries;
    },
    notReady: () =>
      isShared && whenBlind === "refuse" && !feed.hasLooked ? "nobody has told yet what was revoked" : undefined,
    close: () => feed.close(),
  };
}

const blind = (): GatewayError =>
  new GatewayError("identity.unavailable", {
    detail: "nobody can tell at the moment whether it was revoked",
    headers: { "retry-after": "1" },
  });
