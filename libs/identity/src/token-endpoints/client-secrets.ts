import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";
import { availableParallelism } from "node:os";
import type { Clock } from "@tandem/platform/clock";
import type { ClientOptions } from "../issuers/config.ts";
import { derive, isMarkedAsScrypt, readScryptHash, type ScryptHash, usualCost } from "../issuers/scrypt-hash.ts";
import { readSecretHash } from "../issuers/secret-hash.ts";
import { unavailable } from "../unavailable.ts";
import { TwoGenerations } from "../two-generations.ts";
import { FairLine } from "./fair-line.ts";

interface Hashes {
  readonly sha256: readonly Buffer[];
  readonly scrypt: readonly ScryptHash[];
}

const none: Hashes = { sha256: [], scrypt: [] };

/** Milliseconds for which a secret that took long to check is known again. */
const remembered = 60_000;

/** How many secrets are worked out at once, how many wait, in all and from one place, and for how many milliseconds. */
interface Line {
  readonly inside: number;
  readonly waiting: number;
  readonly each: number;
  readonly patience: number;
}

/** Leaves a processor to the requests: what waits is people's secrets, and those who guess. */
const usualLine: Line = {
  inside: Math.max(1, Math.min(2, availableParallelism() - 1)),
  waiting: 256,
  each: 64,
  patience: 10_000,
};

/** Says whether a secret is a client's, and takes as long to say no, whether there is such a client or not. */
export class ClientSecrets {
  readonly #clock: Clock;
  readonly #byId: ReadonlyMap<string, Hashes>;
  /** Compared with in place of what a client does not have, so that unknown and wrong take the same time. */
  readonly #decoys: { readonly sha256: Buffer; readonly scrypt: ScryptHash };
  /** How many hashes of the slow kind a wrong secret costs: as many as the client has that has most of them. */
  readonly #most: number;
  readonly #line: FairLine;
  readonly #patience: number;
  /** Nothing that is kept under it can be guessed at, or be of use to another process. */
  readonly #key = randomBytes(32);
  readonly #proved = new TwoGenerations<number>(4096);
  readonly #asked = new Map<string, Promise<boolean>>();

  constructor(clients: readonly ClientOptions[], clock: Clock, line = usualLine) {
    this.#clock = clock;
    this.#line = new FairLine(line);
    this.#patience = line.patience;
    this.#byId = new Map(clients.map((client) => [client.id, hashesOf(client)]));
    const slow = [...this.#byId.values()].flatMap(({ scrypt }) => scrypt);
    this.#most = Math.max(0, ...[...this.#byId.values()].map(({ scrypt }) => scrypt.length));
    const cost = slow.map((one) => one.cost).toSorted((one, other) => workOf(other) - workOf(one))[0] ?? usualCost;
    this.#decoys = { sha256: randomBytes(32), scrypt: { cost, salt: randomBytes(16), digest: randomBytes(32) } };
  }

  /** Rejects with 503 where too many wait for the answer, in all or `from` there; a generated secret that is right never waits. */
  async isRight(id: string, secret: string, from: string): Promise<boolean> {
    const own = this.#byId.get(id) ?? none;
    const digest = hash("sha256", secret, "buffer");
    let isRight = false;
    for (let index = 0; index < 2; index++) {
      const expected = own.sha256[index];
      if (timingSafeEqual(digest, expected ?? this.#decoys.sha256) && expected) isRight = true;
    }
    if (isRight || this.#most === 0) return isRight;
    // With its length: where the id ends must not be for the presenter to choose.
    const mark = createHmac("sha256", this.#key).update(`${id.length}:${id}${secret}`).digest("base64url");
    if ((this.#proved.get(mark) ?? 0) > this.#clock.monotonic()) return true;
    const before = this.#asked.get(mark);
    if (before) return before;
    const answer = this.#inTurn(from, () => this.#workOut(secret, own.scrypt)).finally(() => this.#asked.delete(mark));
    this.#asked.set(mark, answer);
    if (!(await answer)) return false;
    this.#proved.set(mark, this.#clock.monotonic() + remembered);
    return true;
  }

  async #inTurn(from: string, work: () => Promise<boolean>): Promise<boolean> {
    await this.#line.enter(from, this.#patience).catch((error: unknown) => {
      throw unavailable(error);
    });
    try {
      return await work();
    } finally {
      this.#line.leave();
    }
  }

  async #workOut(secret: string, own: readonly ScryptHash[]): Promise<boolean> {
    for (let index = 0; index < this.#most; index++) {
      const expected = own[index];
      const found = await derive(secret, expected ?? this.#decoys.scrypt);
      if (expected && timingSafeEqual(found, expected.digest)) return true;
    }
    return false;
  }
}

const workOf = ({ N, r, p }: ScryptHash["cost"]): number => N * r * p;

function hashesOf({ secretHash = [] }: ClientOptions): Hashes {
  const [sha256, scrypt]: [Buffer[], ScryptHash[]] = [[], []];
  for (const text of secretHash.map((one) => one.reveal())) {
    const slow = isMarkedAsScrypt(text) ? readScryptHash(text) : undefined;
    if (typeof slow === "string") throw new TypeError(slow);
    if (slow) scrypt.push(slow);
    else sha256.push(readSecretHash(text));
  }
  return { sha256, scrypt };
}
