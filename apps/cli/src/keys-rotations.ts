import { algorithmsIn } from "@tandem/identity/keys/read-key-files";
import type { KeyAlgorithm } from "@tandem/identity/keys/create-key-file";
import type { RotationOptions } from "@tandem/identity/keys/rotate-keys";
import { asRotationError, RotationError } from "@tandem/identity/keys/rotation-error";
import { retireAfterOf, rotationTimes } from "@tandem/identity/keys/rotation-times";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import type { LoadResult } from "@tandem/platform/config/load-config";
import type { Tier } from "@tandem/tiers/config";
import { routingRotations, securityRotations, type KeyRotation } from "@tandem/tiers/key-rotations";
import { loadRouting, loadSecurity, loadTandem } from "@tandem/tiers/load";

/** What is to be rotated, and with which times. */
export interface Rotating extends RotationOptions {
  readonly name: string;
  readonly directory: string;
}

interface Directories {
  readonly keys: string;
  readonly public?: string;
  readonly algorithm?: KeyAlgorithm;
}

/** One directory, whose keys tell what they are for unless there are none. Rejects with a sentence for the terminal. */
export async function rotatingOf({ keys, public: publicDirectory, algorithm: asked }: Directories): Promise<Rotating> {
  const found = await algorithmsIn(keys).catch((error: unknown) => Promise.reject(asRotationError(error, keys)));
  const [algorithm, ...others] = asked ? [asked] : found;
  if (!algorithm || others.length > 0)
    throw new RotationError(
      `${keys} holds ${others.length > 0 ? "keys of several kinds" : "no usable key"}: say which --algorithm`,
    );
  if (algorithm === "EdDSA" && publicDirectory === undefined)
    throw new RotationError(
      "nobody would know the next assertion key: say with --public which directory the routing tier reads",
    );
  const { lead } = rotationTimes[algorithm];
  const times = { lead, retireAfter: retireAfterOf(algorithm) };
  return { name: `${algorithm} keys`, directory: keys, publicDirectory, algorithm, ...times };
}

/** All that a configuration file names, for one tier or for each that has a section. Throws with a sentence for the terminal. */
export function rotatingIn(file: string, tier: Tier | undefined): readonly Rotating[] {
  const whole = valueOf(loadTandem(file));
  const of = (one: Tier): readonly KeyRotation[] => {
    if (tier === undefined ? whole[one] === undefined : tier !== one) return [];
    return one === "security"
      ? securityRotations(valueOf(loadSecurity(file)).security)
      : routingRotations(valueOf(loadRouting(file)).routing);
  };
  const rotations = [...of("security"), ...of("routing")];
  if (rotations.length === 0) throw new RotationError(`${file} names no keys to sign with`);
  for (const { path, algorithm, publicDirectory } of rotations)
    if (algorithm === "EdDSA" && publicDirectory === undefined)
      throw new RotationError(`${path.join(".")}.publish is missing: it is the directory that the routing tier reads`);
  // Who asks for a rotation does not ask for one when it is due.
  return rotations.map((rotation) => ({ ...rotation, every: undefined }));
}

function valueOf<Value>(loaded: LoadResult<Value>): Value {
  if (loaded.ok) return loaded.value;
  throw new RotationError(loaded.diagnostics.map(formatDiagnostic).join("\n"));
}
