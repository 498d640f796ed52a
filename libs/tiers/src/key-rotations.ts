import { publishingFault, signingKeysFault, unwritableFault } from "@tandem/identity/keys/directory-fault";
import type { RotationOptions } from "@tandem/identity/keys/rotate-keys";
import { retireAfterOf, rotationTimes } from "@tandem/identity/keys/rotation-times";
import { scheduleRotation } from "@tandem/identity/keys/scheduled-rotation";
import type { ConfigPath, Problem } from "@tandem/platform/config/diagnostic";
import type { Logger } from "@tandem/platform/log/logger";
import type { RoutingConfig, SecurityConfig } from "./config.ts";

/** A directory of keys that a configuration names, and how they are rotated. */
export interface KeyRotation extends RotationOptions {
  readonly name: string;
  /** Of the settings that name it. */
  readonly path: ConfigPath;
  readonly directory: string;
}

interface Settings {
  readonly keys: string;
  readonly rotateEvery?: number | undefined;
  readonly retireAfter?: number | undefined;
  readonly lifetime?: number;
  readonly publish?: string | undefined;
}

/** What the security tier signs with. */
export const securityRotations = ({ issuers, assertion }: SecurityConfig): readonly KeyRotation[] => [
  ...issuers.flatMap((issuer, at) =>
    issuer.type === "embedded"
      ? [{ name: "token keys", path: ["security", "issuers", at], ...timesOf("RS256", issuer) }]
      : [],
  ),
  { name: "assertion keys", path: ["security", "assertion"], ...timesOf("EdDSA", assertion) },
];

/** What the routing tier signs with. */
export const routingRotations = ({ serviceTokens }: RoutingConfig): readonly KeyRotation[] =>
  serviceTokens
    ? [{ name: "service keys", path: ["routing", "serviceTokens"], ...timesOf("ES256", serviceTokens) }]
    : [];

function timesOf(algorithm: RotationOptions["algorithm"], settings: Settings) {
  const { keys, publish, rotateEvery, lifetime, retireAfter = retireAfterOf(algorithm, lifetime) } = settings;
  const { lead } = rotationTimes[algorithm];
  return { algorithm, directory: keys, publicDirectory: publish, every: rotateEvery, lead, retireAfter };
}

/** What keeps this process from rotating keys that it is to rotate. */
export const rotationFaults = (rotations: readonly KeyRotation[]): Problem[] =>
  rotations.flatMap(({ path, algorithm, directory, publicDirectory, every }) => {
    // A directory without a key has been told of already.
    if (every === undefined || signingKeysFault(directory, algorithm) !== undefined) return [];
    const unwritable = unwritableFault(directory);
    const unpublished = publicDirectory && publishingFault(directory, publicDirectory, algorithm);
    return [
      ...(unwritable ? [{ path: [...path, "rotateEvery"], message: unwritable }] : []),
      ...(unpublished ? [{ path: [...path, "publish"], message: unpublished }] : []),
    ];
  });

/** Rotates those that have a schedule, until it is closed. */
export function scheduleRotations(rotations: readonly KeyRotation[], logger: Logger): { close(): Promise<void> } {
  const scheduled = rotations.flatMap(({ every, ...keys }) =>
    every === undefined ? [] : [scheduleRotation({ ...keys, every }, { logger: logger.child({ keys: keys.name }) })],
  );
  return { close: async () => void (await Promise.all(scheduled.map((one) => one.close()))) };
}
