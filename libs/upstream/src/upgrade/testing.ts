import { createGateway, type Gateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import type { Hop } from "../exchange/hop.ts";
import { hopTo } from "../exchange/testing.ts";
import type { Instance } from "../pool/instance.ts";
import { createUpgrades } from "./upgrades.ts";

interface UpgradesTo {
  readonly stages: readonly Stage[];
  readonly gateway: Gateway;
  readonly records: RequestRecord[];
  /** The instances that the pool was told to avoid. */
  readonly avoided: Instance[];
}

type HopParts = NonNullable<Parameters<typeof hopTo>[1]> & {
  readonly before?: readonly Stage[];
  /** In place of the one to the instances. */
  readonly hop?: Hop;
};

/** A gateway of nothing but hygiene and upgrades to a few instances, and the records of what went through it. */
export function upgradesTo(
  instances: readonly Instance[],
  { before = [], hop: other, ...parts }: HopParts = {},
): UpgradesTo {
  const records: RequestRecord[] = [];
  const avoided: Instance[] = [];
  const hop = other ?? hopTo(instances, parts);
  const avoid = (instance: Instance): void => {
    avoided.push(instance);
    hop.pool.avoid(instance);
  };
  const watched = { ...hop, pool: { ...hop.pool, avoid } };
  const upgrades = createUpgrades();
  const open: Stage = { name: "open", run: (exchange) => exchange.act("open", () => upgrades.open(exchange, watched)) };
  const stages = [hygiene({ from: "strangers" }), ...before, open];
  const gateway = createGateway(stages, { prelude: [], observers: [(record) => void records.push(record)] });
  return { stages, gateway, records, avoided };
}
