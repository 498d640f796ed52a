import { readArguments } from "@tandem/tiers/arguments";
import { runTier } from "@tandem/tiers/run-tier";
import { routingProcess } from "@tandem/tiers/routing-process";

const file = readArguments("routing-gateway");
if (file) await runTier(routingProcess, file);
