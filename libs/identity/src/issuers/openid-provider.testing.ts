import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { Provider, type Adapter, type JWK } from "oidc-provider";

const audience = "orders-api";
const nothing = (): Promise<undefined> => Promise.resolve(undefined);
/** Tokens that are JWTs are kept nowhere. */
const keepsNothing: Adapter = {
  upsert: nothing,
  find: nothing,
  findByUserCode: nothing,
  findByUid: nothing,
  consume: nothing,
  destroy: nothing,
  revokeByGrantId: nothing,
};

/** A key of the provider, private. */
export function providerKey(kid: string): JWK {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" };
}

/** An OpenID provider on a port of this machine that keeps its port, and so its name, through outages and rotations. */
export class OpenIdProvider {
  readonly issuer: string;
  /** What was asked of it, by path. */
  readonly asked: string[] = [];
  readonly #port: number;
  #server: Server;
  #answer: ReturnType<Provider["callback"]> = () => Promise.resolve();

  private constructor(server: Server) {
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    this.issuer = `http://127.0.0.1:${this.#port}`;
    this.#follow(server);
  }

  static async start(t: TestContext, ...keys: JWK[]): Promise<OpenIdProvider> {
    const provider = new OpenIdProvider(await listen(0));
    provider.rotate(...keys);
    t.after(() => provider.stop());
    return provider;
  }

  /** Publishes these keys from now on, and signs with the first of them. */
  rotate(...keys: JWK[]): void {
    const provider = new Provider(this.issuer, {
      jwks: { keys },
      adapter: () => keepsNothing,
      ttl: { ClientCredentials: 600 },
      clients: [
        {
          client_id: "orders-web",
          client_secret: "not-secret",
          grant_types: ["client_credentials"],
          redirect_uris: [],
          response_types: [],
        },
      ],
      scopes: ["orders:read", "orders:write"],
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: "orders:read orders:write",
            audience,
            accessTokenFormat: "jwt",
            accessTokenTTL: 600,
            jwt: { sign: { alg: "RS256" } },
          }),
        },
      },
    });
    this.#answer = provider.callback();
  }

  /** Asks for an access token, as a client does. */
  async token(): Promise<string> {
    const response = await fetch(`${this.issuer}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from("orders-web:not-secret").toString("base64")}` },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        scope: "orders:read",
        resource: "https://orders.test",
      }),
    });
    const answer: any = await response.json();
    if (response.status !== 200) throw new Error(`the provider gave no token: ${JSON.stringify(answer)}`);
    return answer.access_token;
  }

  /** Nobody answers from now on. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async restart(): Promise<void> {
    this.#server = await listen(this.#port);
    this.#follow(this.#server);
  }

  #follow(server: Server): void {
    server.on("request", (request, response) => {
      this.asked.push(request.url ?? "");
      void this.#answer(request, response);
    });
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
