import type { DnsRecord } from "./message.ts";
import type { Resolver } from "./resolver.ts";

/** The addresses of one name, as far as they could be learnt. */
export interface Addresses {
  readonly addresses: readonly string[];
  /** Seconds for which they hold; undefined where nobody says. */
  readonly ttl: number | undefined;
  /** Questions that were not answered; for those, the addresses are the last known. */
  readonly faults: readonly Error[];
  /** Which name server told; undefined where none did. */
  readonly server: string | undefined;
}

/** The addresses of names, and of those that cannot be asked for just now the last known ones. */
export interface AddressBook {
  lookUp(name: string, signal: AbortSignal): Promise<Addresses>;
  /** The same, out of what came along unasked; undefined where nothing did. */
  findIn(extra: readonly DnsRecord[], name: string): Addresses | undefined;
  /** Forgets the names that were not looked up since the last time. */
  turn(): void;
}

type Family = "both" | "ipv4" | "ipv6";

/** Opens an empty one. */
export function createAddressBook(resolver: Resolver, family: Family): AddressBook {
  const types = ({ both: ["A", "AAAA"], ipv4: ["A"], ipv6: ["AAAA"] } as const)[family];
  let before = new Map<string, readonly string[]>();
  let now = new Map<string, readonly string[]>();

  return {
    async lookUp(name, signal) {
      const faults: Error[] = [];
      const addresses: string[] = [];
      let ttl: number | undefined;
      let server: string | undefined;
      await Promise.all(
        types.map(async (type) => {
          const key = `${type} ${name}`;
          try {
            const resolved = await resolver.resolve({ name, type }, signal);
            now.set(key, resolved.records.map(addressOf));
            ttl = shorter(ttl, resolved.ttl);
            server = resolved.server;
          } catch (error) {
            signal.throwIfAborted();
            faults.push(error instanceof Error ? error : new Error(String(error)));
            now.set(key, before.get(key) ?? []);
          }
          addresses.push(...(now.get(key) ?? []));
        }),
      );
      return { addresses, ttl, faults, server };
    },
    findIn(extra, name) {
      const known = extra.filter((record) => record.name === name && types.some((type) => type === record.type));
      if (known.length === 0) return undefined;
      for (const type of types) {
        const ofType = known.filter((record) => record.type === type);
        if (ofType.length > 0) now.set(`${type} ${name}`, ofType.map(addressOf));
      }
      const ttl = Math.min(...known.map((record) => record.ttl));
      return { addresses: known.map(addressOf), ttl, faults: [], server: undefined };
    },
    turn() {
      before = now;
      now = new Map();
    },
  };
}

const addressOf = ({ data }: DnsRecord): string => (typeof data === "string" ? data : "");

/** The shorter of two times, where there are two. */
export function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
