import type { Endpoint } from "@tandem/contracts/upstream";

/** A list as a text: the same for the same instances, in whatever order they and what is said of them came. */
export function fingerprint(endpoints: readonly Endpoint[]): string {
  return endpoints.map(lineOf).toSorted().join("\n");
}

function lineOf({ id, origin, weight, zone, tags = [], meta = {} }: Endpoint): string {
  const said = Object.keys(meta)
    .toSorted()
    .map((key) => [key, meta[key]]);
  return JSON.stringify([origin, weight, id, zone, tags.toSorted(), said]);
}
