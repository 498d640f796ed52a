// What `docker compose up` promises: the curl list, tiers that scale under load, and all that they do to be seen.
import { after, before, describe } from "node:test";
import { curlList } from "../curl-list.ts";
import { brokenWatchers } from "./broken-watchers.ts";
import { centralLog } from "./central-log.ts";
import { replicaMetrics } from "./replica-metrics.ts";
import { scaling } from "./scaling.ts";
import { spanTrees } from "./span-trees.ts";
import { endStack, publicUrl, scale, startStack } from "./stack.ts";
import { walls } from "./walls.ts";

describe("docker compose", { timeout: 1_800_000 }, () => {
  before(startStack);
  after(endStack);

  describe("as it comes up", () => {
    curlList(publicUrl);
    walls();
    scaling();
  });

  describe("three routing gateways and two security gateways, seen in one place", () => {
    before(() => scale({ "security-gateway": 2, "routing-gateway": 3 }));
    spanTrees();
    centralLog();
    replicaMetrics();
    brokenWatchers();
  });
});
