import { loadConfig, type LoadResult } from "@tandem/platform/config/load-config";
import { configFaults } from "./checks.ts";
import {
  sharedSections,
  tandemSchema,
  type RoutingConfig,
  type SecurityConfig,
  type TandemConfig,
  type Tier,
} from "./config.ts";

/** A configuration in which a tier finds its own section. */
export type ConfigOf<T extends Tier> = TandemConfig &
  (T extends "security" ? { readonly security: SecurityConfig } : { readonly routing: RoutingConfig });

const whole = { schema: tandemSchema, checks: [configFaults] };

/** Reads and checks the whole file, without looking for anybody's secrets or files. */
export const loadTandem = (file: string): LoadResult<TandemConfig> => loadConfig({ ...whole, file });

/** The same, as the security tier reads it: its section must be there, and its secrets must be found. */
export const loadSecurity = (file: string): LoadResult<ConfigOf<"security">> =>
  loadConfig({ ...whole, file, resolve: ["security", ...sharedSections], require: ["security"] });

/** The same, as the routing tier reads it. */
export const loadRouting = (file: string): LoadResult<ConfigOf<"routing">> =>
  loadConfig({ ...whole, file, resolve: ["routing", ...sharedSections], require: ["routing"] });
