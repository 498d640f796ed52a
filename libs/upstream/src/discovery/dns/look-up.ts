import type { Endpoint } from "@tandem/contracts/upstream";
import { shorter, type AddressBook, type Addresses } from "./address-book.ts";
import type { DnsOptions } from "./config.ts";
import type { Resolver } from "./resolver.ts";
import { endpointAt, srvEndpoints } from "./srv-endpoints.ts";

/** The instances that DNS names at one moment. */
export interface Found {
  readonly endpoints: readonly Endpoint[];
  /** Seconds; undefined where nobody says. */
  readonly ttl: number | undefined;
  readonly server: string | undefined;
  /** Some of it is the last known, because it could not be asked for. */
  readonly fault?: Error | undefined;
}

interface Asking {
  readonly resolver: Resolver;
  readonly book: AddressBook;
  readonly signal: AbortSignal;
}

/** So many names of targets are asked for, so many at a time; their addresses mostly come along. */
const mostTargets = 500;
const atATime = 8;

/** Asks for the instances of a service; rejects where that says nothing at all. */
export async function lookUp(options: DnsOptions, asking: Asking): Promise<Found> {
  const found = await (options.type === "srv" ? lookUpSrv(options, asking) : lookUpAddresses(options, asking));
  asking.book.turn();
  if (found.endpoints.length === 0 && found.fault) throw found.fault;
  return found;
}

async function lookUpAddresses(
  { name, scheme, port }: Extract<DnsOptions, { type: "a" }>,
  { book, signal }: Asking,
): Promise<Found> {
  const { addresses, ttl, server, faults } = await book.lookUp(name, signal);
  if (server === undefined) throw faults[0] ?? new Error("no name server answered");
  const endpoints = addresses.flatMap((address) => endpointAt({ scheme, address, port }, 1) ?? []);
  return { endpoints, ttl, server, fault: faults[0] };
}

async function lookUpSrv({ name, scheme }: DnsOptions, { resolver, book, signal }: Asking): Promise<Found> {
  const { records, extra, ttl: srvTtl, server } = await resolver.resolve({ name, type: "SRV" }, signal);
  const services = records.flatMap(({ data }) => (typeof data === "string" ? [] : [data]));
  // RFC 2782: a dot says that this service is decidedly not there.
  const targets = new Set(services.map(({ target }) => target).filter((target) => target !== "."));
  const addressesOf = new Map<string, readonly string[]>();
  const missing: string[] = [];
  let ttl = srvTtl;
  let fault: Error | undefined;
  const learn = (target: string, { addresses, ttl: holds, faults }: Addresses): void => {
    addressesOf.set(target, addresses);
    ttl = shorter(ttl, holds);
    fault ??= faults[0];
  };
  for (const target of targets) {
    const found = book.findIn(extra, target);
    if (found) learn(target, found);
    else missing.push(target);
  }
  if (missing.length > mostTargets) throw new Error(`it names ${missing.length} targets without an address`);
  while (missing.length > 0) {
    const some = missing.splice(0, atATime);
    await Promise.all(some.map(async (target) => learn(target, await book.lookUp(target, signal))));
  }
  return { endpoints: srvEndpoints(services, addressesOf, scheme), ttl, server, fault };
}
