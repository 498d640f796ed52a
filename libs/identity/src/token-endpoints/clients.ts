import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { ClientOptions } from "../issuers/config.ts";
import { readSecretHash } from "../issuers/secret-hash.ts";
import type { PresentedClient } from "./presented-client.ts";

interface Registered {
  readonly client: ClientOptions;
  readonly digest: Buffer;
}

/** The clients that we know, and the proof that it is one of them. */
export class Clients {
  readonly #byId: ReadonlyMap<string, Registered>;
  /** Compared with in place of an unknown client's hash, so that unknown and wrong take the same time. */
  readonly #decoy: Buffer = randomBytes(32);

  constructor(clients: readonly ClientOptions[]) {
    this.#byId = new Map(
      clients.map((client) => [client.id, { client, digest: readSecretHash(client.secretHash.reveal()) }]),
    );
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** The client, where the secret is its own. */
  proved({ id, secret }: PresentedClient): ClientOptions | undefined {
    const registered = this.#byId.get(id);
    const isRight = timingSafeEqual(hash("sha256", secret, "buffer"), registered?.digest ?? this.#decoy);
    return isRight ? registered?.client : undefined;
  }
}
