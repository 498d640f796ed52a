import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@tandem/platform/log/logger";
import { backOff } from "../discovery/back-off.ts";
import { isRefusal, type ConsulClient } from "../discovery/consul-client.ts";
import { ownAddress } from "./own-address.ts";

/** One instance that says in Consul where it is and that it is well. */
export interface Registration {
  /** Its name in Consul, another one for each process. */
  readonly id: string;
  /** Consul knows the instance, as far as it has told us. */
  readonly registered: boolean;
  /** Settles when Consul has taken the instance for the first time, or the registration was closed before. */
  readonly ready: Promise<void>;
  /** Takes the instance out of Consul; to be called before the listener closes. Never rejects, and ends within `farewell`. */
  close(): Promise<void>;
}

interface RegistrationOptions {
  readonly consul: ConsulClient;
  /** The service that it is an instance of. */
  readonly service: string;
  /** Where others reach it. Default: detected. */
  readonly address?: string | undefined;
  readonly port: number;
  /** `scheme` and `weight` mean something to our discovery. */
  readonly meta?: Readonly<Record<string, string>>;
  /** Milliseconds without a word after which Consul takes it for dead. */
  readonly ttl?: number;
  readonly logger: Logger;
  /** Milliseconds that `close` may take. */
  readonly farewell?: number;
  readonly random?: () => number;
}

/** Consul forgets an instance that has been silent for so long; it takes no shorter time than a minute. */
const forgetAfter = 60_000;

/** Registers and keeps registered until it is closed, whatever Consul goes through; never keeps the caller waiting. */
export function createRegistration(options: RegistrationOptions): Registration {
  const { consul, service, port, meta = {}, ttl = 5_000, farewell = 2_000, random = Math.random } = options;
  const id = `${service}-${hostname()}-${port}-${randomBytes(4).toString("hex")}`;
  // Not `service`: that is what the process itself is called on each of its lines.
  const logger = options.logger.child({ upstream: service, id });
  const ending = new AbortController();
  const { signal } = ending;
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  let registered = false;
  let failures = 0;
  let closing: Promise<void> | undefined;

  const register = async (): Promise<void> => {
    const address = options.address ?? (await ownAddress());
    if (signal.aborted) return;
    await consul.register({ id, name: service, address, port, meta, ttl, forgetAfter });
    registered = true;
    becomeReady();
    logger.info("registered in Consul", { address, port });
  };

  const pass = async (): Promise<void> => {
    try {
      await consul.pass(id);
    } catch (error) {
      // Releases of Consul differ in how they say that they know no such check, so any refusal counts as that.
      if (!isRefusal(error)) throw error;
      registered = false;
      logger.warn("Consul has forgotten this instance; it registers again");
      if (!signal.aborted) await register();
    }
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      let rest = ttl / 3;
      try {
        await (registered ? pass() : register());
        if (failures > 0) logger.info("Consul is told again");
        failures = 0;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (failures++ === 0) logger.warn("Consul cannot be told of this instance", { error: text });
        rest = Math.min(rest, backOff(failures, { random }));
      }
      await sleep(rest, undefined, { signal, ref: false });
    }
  };
  // Its only way to reject is the end of the registration.
  const ended = loop().catch(() => {});

  const leave = async (): Promise<"left"> => {
    await ended; // a registration under way would undo what comes next
    await consul.deregister(id);
    return "left";
  };

  const depart = async (): Promise<void> => {
    ending.abort();
    becomeReady();
    const bound = new AbortController();
    const tooLate = sleep(farewell, "late" as const, { signal: bound.signal }).catch(() => "late" as const);
    try {
      if ((await Promise.race([leave(), tooLate])) === "late") throw new Error(`not within ${farewell} ms`);
      logger.info("deregistered from Consul");
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      logger.warn("could not deregister; Consul notices by itself", { error: text });
    } finally {
      bound.abort();
      registered = false;
    }
  };

  return {
    id,
    ready,
    get registered() {
      return registered;
    },
    close: () => (closing ??= depart()),
  };
}
