import type { RequestView } from "@tandem/kernel/request-view";
import type { Logger } from "@tandem/platform/log/logger";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import type { Condition } from "../authenticate/verified.ts";
import type { ClientOptions } from "../issuers/config.ts";
import type { Revocations } from "../revocation/revocations.ts";
import type { Issuing } from "./access-token.ts";
import { ClientAssertions } from "./client-assertions.ts";
import { ClientCertificates } from "./client-certificates.ts";
import { ClientDelegation } from "./client-delegation.ts";
import { methodOf } from "./client-method.ts";
import { asRefusal, ClientRefused } from "./client-refused.ts";
import { ClientSecrets } from "./client-secrets.ts";
import { holdTo } from "./hold-to.ts";
import { networkOf } from "./network-of.ts";
import type { PresentedClient } from "./presented-client.ts";

/** What clients are proved with; without a logger nobody is told that the authentication server cannot be reached. */
export interface ClientParts extends Issuing {
  readonly logger?: Logger | undefined;
  readonly revocations?: Pick<Revocations, "condition"> | undefined;
}

/** The clients that we know, and the proof that it is one of them: for each the one that it is registered with. */
export class Clients {
  readonly #byId: ReadonlyMap<string, ClientOptions>;
  readonly #secrets: ClientSecrets;
  readonly #assertions: ClientAssertions;
  readonly #certificates: ClientCertificates;

  readonly #delegation: ClientDelegation | undefined;
  readonly #revoked: readonly Condition[];

  constructor(parts: ClientParts) {
    const { clients, clientAuthentication: options } = parts.issuer.options;
    const { clock, logger = silentLogger, revocations } = parts;
    this.#revoked = revocations ? [revocations.condition] : [];
    this.#delegation = options && new ClientDelegation({ options, clock, logger });
    this.#byId = new Map(clients.map((client) => [client.id, client]));
    this.#secrets = new ClientSecrets(clients, parts.clock);
    this.#assertions = new ClientAssertions(parts);
    this.#certificates = new ClientCertificates(clients, parts.clock);
  }

  /** The client, where the proof is its own; rejects with ClientRefused where it is not. */
  async proved(presented: PresentedClient, request: RequestView): Promise<ClientOptions> {
    const { id } = presented;
    const { peer, clientAddress } = request;
    const client = this.#byId.get(id);
    const from = networkOf(clientAddress);
    // Who is registered here is nobody else's to prove, nor is the secret to see.
    if (!client && this.#delegation && presented.by === "secret") return this.#delegation.proved(presented, from);
    // A secret is looked at whatever the client has: how long it takes says nothing of that.
    const isRight = presented.by === "secret" && (await this.#secrets.isRight(id, presented.secret, from));
    if (!client) throw new ClientRefused("no client has this id");
    const method = methodOf(client);
    if (method !== methods[presented.by])
      throw new ClientRefused(`it presents ${things[presented.by]}, and is registered for ${method}`);
    if (presented.by === "assertion") await this.#assertions.judge(id, presented.jws);
    else if (presented.by === "name")
      await holdTo(this.#revoked, this.#certificates.judge(id, peer), { request }).catch(asRefusal);
    else if (!isRight) throw new ClientRefused("the secret is wrong");
    return client;
  }
}

/** A certificate is shown by the connection: beside it, the client only says its name. */
const methods = { secret: "client_secret", assertion: "private_key_jwt", name: "tls_client_auth" } as const;
const things = { secret: "a secret", assertion: "an assertion", name: "nothing but its name" } as const;
