import type { Clock } from "@tandem/platform/clock";
import type { ClientOptions } from "../issuers/config.ts";
import { ClientRefused } from "./client-refused.ts";
import { ClientSecrets } from "./client-secrets.ts";
import type { PresentedClient } from "./presented-client.ts";

/** The clients that we know, and the proof that it is one of them. */
export class Clients {
  readonly #byId: ReadonlyMap<string, ClientOptions>;
  readonly #secrets: ClientSecrets;

  constructor(clients: readonly ClientOptions[], clock: Clock) {
    this.#byId = new Map(clients.map((client) => [client.id, client]));
    this.#secrets = new ClientSecrets(clients, clock);
  }

  /** The client, where the secret is its own; rejects with ClientRefused where it is not. */
  async proved({ id, secret }: PresentedClient): Promise<ClientOptions> {
    const isRight = await this.#secrets.isRight(id, secret);
    const client = this.#byId.get(id);
    if (!client) throw new ClientRefused("no client has this id");
    if (!isRight) throw new ClientRefused("the secret is wrong");
    return client;
  }
}
