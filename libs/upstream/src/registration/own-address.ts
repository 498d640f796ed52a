import { lookup } from "node:dns/promises";
import { hostname, networkInterfaces } from "node:os";

interface Surroundings {
  readonly name: string;
  /** The addresses that a name has, the first one the best. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  /** The addresses of this machine's interfaces. */
  readonly interfaces: () => readonly string[];
}

const own: Surroundings = {
  name: hostname(),
  resolve: async (name) => (await lookup(name, { family: 4, all: true })).map(({ address }) => address),
  interfaces: () =>
    Object.values(networkInterfaces()).flatMap((entries) =>
      (entries ?? []).filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address),
    ),
};

/**
 * The address that others can reach this process at, as far as it can tell: what its own host name resolves to (so it is
 * in containers), else the first interface that leaves the machine, else loopback.
 */
export async function ownAddress({ name, resolve, interfaces }: Surroundings = own): Promise<string> {
  const resolved = await resolve(name).catch((): readonly string[] => []); // many machines do not know their own name
  return [...resolved, ...interfaces()].find((address) => !address.startsWith("127.")) ?? "127.0.0.1";
}
