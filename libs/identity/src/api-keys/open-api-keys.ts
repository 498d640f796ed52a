import type { AdminSection } from "@tandem/kernel/admin/admin";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Store } from "@tandem/platform/store/store";
import type { Kind } from "../authenticate/strategy.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { apiKeySections } from "./admin-sections.ts";
import { apiKeyKind } from "./api-key-strategy.ts";
import type { ApiKeysOptions } from "./config.ts";
import { openFileKeys } from "./file-keys.ts";
import { KeyUses } from "./key-uses.ts";
import { storedKeys } from "./stored-keys.ts";

interface Surroundings {
  readonly store: Store;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Where verdicts are held against what was taken back; without it those on stored keys are kept for half a second. */
  readonly revocations?: Pick<Revocations, "revoke"> | undefined;
}

/** What a security gateway has of API keys. */
export interface OpenApiKeys {
  readonly kind: Kind;
  readonly sections: readonly AdminSection[];
  /** How many times it could not be written when keys were last used. */
  readonly failures: number;
  close(): Promise<void>;
}

/** No verdict is remembered for longer than a minute; twice that, as clocks differ. */
const recalledFor = 120_000;

/** Where nothing tells of changes, a key ends so many milliseconds after it was revoked. */
const lookAgain = 500;

/** Opens what the configuration names; throws `UnusableKeyFile`. */
export function openApiKeys(
  options: ApiKeysOptions,
  { store, logger, clock = systemClock, revocations }: Surroundings,
): OpenApiKeys {
  const own = logger.child({ part: "api keys" });
  const inFile = "file" in options;
  const keys = inFile ? openFileKeys(options.file, { logger: own }) : storedKeys(store);
  const uses = new KeyUses({ store, clock });
  const recall =
    revocations && !inFile
      ? (digest: string) => revocations.revoke({ kind: "token", digest }, clock.now() + recalledFor)
      : undefined;
  // A file tells of its changes at once; the store does not.
  const keepFor = inFile || recall ? undefined : lookAgain;
  return {
    kind: apiKeyKind({ keys, clock, used: (id) => uses.note(id), keepFor }),
    sections: apiKeySections({ keys, uses, clock, logger: own, overlap: options.overlap, recall }),
    get failures() {
      return uses.failures;
    },
    async close() {
      keys.close();
      await uses.close();
    },
  };
}
