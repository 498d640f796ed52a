import type { Endpoint } from "@tandem/contracts/upstream";
import type { Discovery, Subset } from "./discovery.ts";
import { fingerprint } from "./fingerprint.ts";
import { listed } from "./listed.ts";

/** Only some of the instances of a service; tells nothing when only others change. */
export function subset(discovery: Discovery, wanted: Subset): Discovery {
  return {
    watch(service, onChange) {
      let chosen: readonly Endpoint[] = [];
      let of = 0;
      let told: string | undefined;
      const watch = discovery.watch(service, (endpoints) => {
        of = endpoints.length;
        chosen = endpoints.filter((endpoint) => isIn(endpoint, wanted));
        const list = fingerprint(chosen);
        if (list === told) return;
        told = list;
        onChange(chosen);
      });
      return {
        evidence() {
          const { endpoints: _, unlisted: __, ...grounds } = watch.evidence();
          return { ...grounds, ...listed(chosen), subset: { ...wanted, of } };
        },
        close: () => watch.close(),
      };
    },
  };
}

function isIn({ tags = [], meta = {} }: Endpoint, wanted: Subset): boolean {
  const hasTags = wanted.tags?.every((tag) => tags.includes(tag)) ?? true;
  return (
    hasTags &&
    Object.entries(wanted.meta ?? {}).every(([key, value]) => Object.hasOwn(meta, key) && meta[key] === value)
  );
}
