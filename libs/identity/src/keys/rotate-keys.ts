import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { createKeyFile, draftOf, type KeyAlgorithm } from "./create-key-file.ts";
import { planRotation, type DatedKey, type Followed, type RotationTimes } from "./plan-rotation.ts";
import { assertPublished, readKeyFiles } from "./read-key-files.ts";
import { asRotationError, RotationError } from "./rotation-error.ts";
import { abandonedAfter, withRotationLock } from "./rotation-lock.ts";
import { inForce } from "./signing-keys.ts";

/** Which keys, and when they come and go. */
export interface RotationOptions extends RotationTimes {
  readonly algorithm: KeyAlgorithm;
  /** Where whoever verifies finds the public halves, if that is not over the network. */
  readonly publicDirectory?: string | undefined;
}

interface Surroundings {
  readonly clock?: Clock;
  /** Only tell what would be done. */
  readonly dryRun?: boolean;
  /** Milliseconds to wait for somebody else who rotates. */
  readonly patience?: number;
}

/** What was done; in a dry run, what would be. */
export interface Rotation {
  /** The key that was made; the id of one that would be is not known. */
  readonly made: { readonly kid: string | undefined; readonly signsFrom: number } | undefined;
  /** Where none was made, because this one's time has not come. */
  readonly waiting: DatedKey | undefined;
  readonly retired: readonly Followed[];
  readonly kept: readonly Followed[];
}

/**
 * Makes the next key of a directory and removes those that have had their time, under a lock. Wherever it is interrupted,
 * whoever verifies knows every key that signs, and the next call tidies up. Rejects with `RotationError` or `RotationUnderWay`.
 */
export async function rotateKeys(
  directory: string,
  options: RotationOptions,
  { clock = systemClock, dryRun = false, patience = 0 }: Surroundings = {},
): Promise<Rotation> {
  const plan = () => planFor(directory, options, clock.now());
  try {
    const { makeFor, retire, keep, waiting } = await plan();
    if (!dryRun && (makeFor !== undefined || retire.length > 0))
      // What was seen before the lock, somebody else may have done since.
      return await withRotationLock(directory, async () => carryOut(directory, options, await plan()), patience);
    const made = makeFor === undefined ? undefined : { kid: undefined, signsFrom: makeFor };
    return { made, waiting, retired: retire, kept: keep };
  } catch (error) {
    throw asRotationError(error, directory);
  }
}

type Plan = Awaited<ReturnType<typeof planFor>>;

async function planFor(directory: string, options: RotationOptions, now: number) {
  const { algorithm, publicDirectory, every } = options;
  const keys = await readKeyFiles(directory, algorithm);
  // Gateways that have lost sight of their keys still use them; a new one beside nothing would end that.
  if (keys.length === 0 && every !== undefined)
    throw new RotationError(`${directory} holds no usable key file (*.json)`);
  const signing = inForce(keys, now);
  if (signing && publicDirectory !== undefined) await assertPublished(signing.kid, publicDirectory, algorithm);
  const plan = planRotation(keys, options, now);
  const waiting = plan.makeFor === undefined ? keys.findLast(({ signsFrom }) => signsFrom > now) : undefined;
  return { ...plan, waiting };
}

async function carryOut(directory: string, options: RotationOptions, plan: Plan): Promise<Rotation> {
  const { algorithm, publicDirectory } = options;
  const { makeFor, retire, keep, waiting } = plan;
  await sweepDrafts(directory, publicDirectory);
  const kid = makeFor && (await createKeyFile(directory, { algorithm, publicDirectory, now: makeFor }));
  // The public half goes first: as long as the private one is there, the next call sees that something is left to do.
  for (const { name, kid: retired } of retire) {
    await removePublic(retired, publicDirectory);
    await rm(join(directory, name), { force: true });
  }
  const made = makeFor !== undefined && kid ? { kid, signsFrom: makeFor } : undefined;
  return { made, waiting, retired: retire, kept: keep };
}

/** A key that was never finished was perhaps published, and nobody will ever sign with it. */
async function sweepDrafts(directory: string, publicDirectory: string | undefined): Promise<void> {
  for (const name of await readdir(directory)) {
    const kid = draftOf(name);
    if (kid === undefined) continue;
    const { mtimeMs } = await stat(join(directory, name));
    if (Date.now() - mtimeMs < abandonedAfter) continue;
    await removePublic(kid, publicDirectory);
    await rm(join(directory, name), { force: true });
  }
}

async function removePublic(kid: string, publicDirectory: string | undefined): Promise<void> {
  if (publicDirectory !== undefined) await rm(join(publicDirectory, `${kid}.json`), { force: true });
}
