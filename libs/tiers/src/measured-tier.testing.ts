// A tier in a process of its own that tells whoever forked it its port, and when it is asked, what became long-lived.
import { GCProfiler } from "node:v8";
import type { LineStream } from "@tandem/platform/log/batch-writer";
import { makeAllYoung } from "@tandem/platform/young-objects";
import type { TandemConfig } from "./config.ts";
import { routingProcess } from "./routing-process.ts";
import { securityProcess } from "./security-process.ts";
import { serveTier, type TierProcess } from "./serve-tier.ts";
import { openWatching } from "./watching.ts";

/** Every line is written, and nobody keeps it. */
const nowhere: LineStream = { on: () => undefined, write: (_, done) => done() };

async function serve<Config extends TandemConfig>(kind: TierProcess<Config>, file: string): Promise<number> {
  const loaded = kind.load(file);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  const watching = openWatching(kind.tier, loaded.value, { generation: loaded.hash, stdout: nowhere });
  return (await serveTier(kind, loaded, watching)).port;
}

const profiler = new GCProfiler();

/** From here on; whatever a full collection finds alive is among the old now, as it is in a process that runs for long. */
function begin(): void {
  globalThis.gc?.();
  profiler.start();
}

/** The bytes that small collections have moved to the old space, where only a full one looks. */
function promoted(): number {
  let bytes = 0;
  for (const { gcType, beforeGC, afterGC } of profiler.stop().statistics)
    if (gcType === "Scavenge") bytes += oldSpace(afterGC) - oldSpace(beforeGC);
  return bytes;
}

type Spaces = {
  readonly heapSpaceStatistics: readonly { readonly spaceName: string; readonly spaceUsedSize: number }[];
};

function oldSpace({ heapSpaceStatistics }: Spaces): number {
  const space = heapSpaceStatistics.find(({ spaceName }) => spaceName === "old_space");
  if (!space) throw new Error("this V8 has no old space");
  return space.spaceUsedSize;
}

makeAllYoung();
process.on("disconnect", () => process.exit());
process.on("message", (word) => {
  if (word === "begin") begin();
  else process.send?.({ promoted: promoted() });
});
const [tier, file = ""] = process.argv.slice(2);
process.send?.({ port: await (tier === "security" ? serve(securityProcess, file) : serve(routingProcess, file)) });
