import type { Algorithm } from "../jose/algorithm.ts";
import type { KeySource } from "../keys/key-source.ts";
import type { SigningKeys } from "../keys/signing-keys.ts";
import type { ClaimPaths } from "./claim-path.ts";
import type { EmbeddedIssuerOptions } from "./config.ts";

/** Somebody whose tokens are believed, and the only keys, audiences and algorithms with which they are. Times are milliseconds. */
export interface Issuer {
  readonly name: string;
  /** The `iss` of its tokens. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly Algorithm[];
  readonly tokenType: "any" | "at+jwt";
  readonly clockSkew: number;
  readonly maxLifetime: number | undefined;
  readonly claims: ClaimPaths;
  readonly keys: KeySource;
}

/** The issuer that we are ourselves. */
export interface EmbeddedIssuer {
  readonly options: EmbeddedIssuerOptions;
  readonly keys: SigningKeys;
  /** Of clients that prove themselves with a key, by id. */
  readonly clientKeys: ReadonlyMap<string, KeySource>;
}

/** All issuers of a generation, each found by its `iss`. */
export interface Issuers {
  readonly byIss: ReadonlyMap<string, Issuer>;
  readonly embedded: EmbeddedIssuer | undefined;
  close(): void;
}
