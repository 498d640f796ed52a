import { readArguments } from "@tandem/tiers/arguments";
import { runTier } from "@tandem/tiers/run-tier";
import { securityProcess } from "@tandem/tiers/security-process";

const file = readArguments("security-gateway");
if (file) await runTier(securityProcess, file);
