import type { TestContext } from "node:test";
import { openRedisStore } from "@tandem/platform/store/redis-store";
import type { Store } from "@tandem/platform/store/store";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import type { RequestView } from "@tandem/kernel/request-view";
import { exchangeOf } from "@tandem/kernel/testing";
import { Presented } from "../authenticate/presented.ts";
import type { Verified } from "../authenticate/verified.ts";
import { revocationSchema, type RevocationOptions } from "./config.ts";
import { openRevocations, type OpenRevocations } from "./open-revocations.ts";

/** The defaults, but for what a test says. */
export const optionsWith = (more: Partial<RevocationOptions> = {}): RevocationOptions => ({
  ...revocationSchema.parse(undefined),
  ...more,
});

/** A credential that proved good, with the text that a client presents. */
export interface Credential {
  readonly text: string;
  readonly verified: Verified;
}

/** One of subject `me`, unless the test says otherwise. */
export function credential({ text = "a.b.c", principal = {}, marks = {}, ...more }: CredentialParts = {}): Credential {
  const whole = { subject: "me", scopes: [], roles: [], method: "jwt", ...principal } as const;
  return { text, verified: { principal: whole, marks, ...more } };
}

interface CredentialParts {
  readonly text?: string;
  readonly principal?: Partial<Verified["principal"]>;
  readonly marks?: Verified["marks"];
  readonly confirmation?: Verified["confirmation"];
}

const peer = { address: "192.0.2.1", port: 40_000 };
const request: RequestView = exchangeOf().exchange.request;

/** Presents it, as any request does. */
export function present({ condition }: Pick<OpenRevocations, "condition">, { text, verified }: Credential): void {
  void condition(verified, new Presented({ kind: "jwt", text }, peer), request);
}

/** The code with which a caller is refused, if any. */
export function refusal(revocations: Pick<OpenRevocations, "condition">, shown: Credential): unknown {
  try {
    present(revocations, shown);
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

/** A gateway's revocations on a store, until the test ends. */
export async function openOn(t: TestContext, store: Store, more: Partial<RevocationOptions> = {}) {
  const revocations = await openRevocations(optionsWith(more), { store, isShared: true, logger: silentLogger });
  t.after(() => revocations.close());
  return revocations;
}

/** A gateway of its own on a Redis: a store of its own, and revocations on it. */
export async function openGateway(
  t: TestContext,
  url: string,
  { deaf = false, ...more }: Partial<RevocationOptions> & { readonly deaf?: boolean } = {},
): Promise<OpenRevocations> {
  const store = await openRedisStore({ url, logger: silentLogger });
  t.after(() => store.close());
  return openOn(t, deaf ? withoutMessages(store) : store, more);
}

/** A store whose messages all get lost. */
function withoutMessages(store: Store): Store {
  const lost: Partial<Store> = { publish: async () => {}, subscribe: async () => async () => {} };
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const own = lost[name] ?? target[name];
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}
