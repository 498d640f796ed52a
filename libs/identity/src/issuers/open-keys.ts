import { readFile } from "node:fs/promises";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Algorithm } from "../jose/algorithm.ts";
import { readKeySetDocument } from "../jose/key-set-document.ts";
import type { KeySource } from "../keys/key-source.ts";
import { CachedKeys } from "./cached-keys.ts";
import { discoverJwks } from "./discover-jwks.ts";
import { fetchDocument } from "./fetch-document.ts";

/** What keys are opened with; the logger names whose they are. */
export interface Surroundings {
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** Where somebody's public keys are to be had: in a file, at a URL, or where an issuer says itself. */
export interface KeyPlace {
  /** For messages, such as `issuer corp`. */
  readonly whose: string;
  readonly from: { readonly file: string } | { readonly url: string } | { readonly issuer: string };
  readonly algorithms: readonly Algorithm[];
  readonly staleFor?: number;
}

/** Opens them. A file must be there; who gives keys over the network is asked at once, but not waited for. */
export async function openKeys(place: KeyPlace, surroundings: Surroundings): Promise<KeySource> {
  const { whose, from, algorithms, staleFor } = place;
  const { logger, clock = systemClock, fetch = globalThis.fetch } = surroundings;
  const shared = { algorithms, clock, logger, ...(staleFor !== undefined && { staleFor }) };
  if ("file" in from) {
    const load = async () => ({ text: await readFile(from.file, "utf8") });
    try {
      readKeySetDocument((await load()).text, algorithms);
    } catch (cause) {
      throw new Error(`${whose}: the keys in ${from.file} cannot be used`, { cause });
    }
    return new CachedKeys(load, { ...shared, freshFor: 5000, coolDown: 1000 });
  }
  const fetching = (url: string) => fetchDocument(url, { fetch, timeout: 3000, limit: 262_144 });
  // Each look asks anew where the keys are, so that the issuer may move them.
  const load = async () => fetching("url" in from ? from.url : await discoverJwks(from.issuer, fetching));
  const source = new CachedKeys(load, shared);
  // A failure is logged where it happens, and tried again with the first token.
  void Promise.resolve(source.keys()).catch(() => {});
  return source;
}
