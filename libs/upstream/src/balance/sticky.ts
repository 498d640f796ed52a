import { createHash } from "node:crypto";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Instance } from "../pool/instance.ts";
import type { Balance, Foreseen } from "./balance.ts";
import { cookieValue, withoutCookie } from "./cookie.ts";

/** The cookie of the sessions, and how many milliseconds it is good for; without, until the browser is closed. */
export interface StickyOptions {
  readonly cookie: string;
  readonly ttl?: number | undefined;
}

/** Sessions that stay with the instance that answered first, for as long as there is that instance. */
export interface StickySessions {
  /** The instance of the cookie, if it is in the list and was not tried; else whom the other balance chooses. */
  readonly over: (balance: Balance) => Balance;
  /** Before a request is sent: the cookie is between the client and the gateway, and goes no further. */
  readonly keepBack: (exchange: Exchange) => void;
  /** Before an answer is passed on: its instance is where the session is to stay. */
  readonly answered: (exchange: Exchange, instance: Instance) => void;
}

/** Opens the sessions of a service. The value of the cookie is the same at every gateway and after a restart, and gives no address away. */
export function stickySessions({ cookie, ttl }: StickyOptions, service: string): StickySessions {
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${ttl === undefined ? "" : `; Max-Age=${Math.floor(ttl / 1000)}`}`;
  const names = new WeakMap<Instance, string>();
  const nameOf = (instance: Instance): string => {
    const known = names.get(instance);
    if (known !== undefined) return known;
    const name = createHash("sha256").update(`${service}\n${instance.origin}`).digest("base64url").slice(0, 16);
    names.set(instance, name);
    return name;
  };
  return {
    over: (balance) => (instances) => {
      const choose = balance(instances);
      const named = new Map(instances.map((instance) => [nameOf(instance), instance]));
      const inCookie = ({ request }: Exchange): Instance | undefined => {
        const value = cookieValue(request.header("cookie"), cookie);
        return value === undefined ? undefined : named.get(value);
      };
      const stay = (exchange: Exchange, tried: readonly Instance[]): Instance | undefined => {
        const instance = inCookie(exchange);
        return instance && !tried.includes(instance) ? instance : choose(exchange, tried);
      };
      const foresee = (exchange: Exchange): Foreseen => {
        const instance = inCookie(exchange);
        return instance
          ? { because: `its session stays there, by the cookie ${cookie}`, instances: [instance] }
          : choose.foresee(exchange);
      };
      return Object.assign(stay, { foresee });
    },
    keepBack({ request, outgoing }) {
      const header = request.header("cookie");
      if (header === undefined || cookieValue(header, cookie) === undefined) return;
      // Where the route has taken all cookies away, none comes back by this.
      outgoing.amend("cookie", withoutCookie(header, cookie) || undefined);
    },
    answered(exchange, instance) {
      const { request, reply } = exchange;
      const name = nameOf(instance);
      if (cookieValue(request.header("cookie"), cookie) === name) return;
      const secure = request.scheme === "https" ? "; Secure" : "";
      reply.add("set-cookie", `${cookie}=${name}${attributes}${secure}`);
    },
  };
}
