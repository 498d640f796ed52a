import { loadConfig, type LoadResult } from "@tandem/platform/config/load-config";
import { configFaults } from "./config-faults.ts";
import {
  sharedSections,
  tandemSchema as schema,
  type RoutingConfig,
  type SecurityConfig,
  type TandemConfig,
  type Tier,
} from "./config.ts";
import { routingFileFaults, securityFileFaults } from "./file-faults.ts";

/** A configuration in which a tier finds its own section. */
export type ConfigOf<T extends Tier> = TandemConfig &
  (T extends "security" ? { readonly security: SecurityConfig } : { readonly routing: RoutingConfig });

/** Reads and checks the whole file, without looking for anybody's secrets or files. */
export const loadTandem = (file: string): LoadResult<TandemConfig> =>
  loadConfig({ file, schema, checks: [configFaults] });

/** The same, as the security tier reads it: its section must be there, and its secrets and files must be found. */
export const loadSecurity = (file: string): LoadResult<ConfigOf<"security">> =>
  loadConfig({
    file,
    schema,
    resolve: ["security", ...sharedSections],
    require: ["security"],
    checks: [configFaults, securityFileFaults],
  });

/** The same, as the routing tier reads it. */
export const loadRouting = (file: string): LoadResult<ConfigOf<"routing">> =>
  loadConfig({
    file,
    schema,
    resolve: ["routing", ...sharedSections],
    require: ["routing"],
    checks: [configFaults, routingFileFaults],
  });
