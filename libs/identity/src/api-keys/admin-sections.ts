import { GatewayError } from "@tandem/contracts/errors";
import type { AdminSection } from "@tandem/kernel/admin/admin";
import { checkBody } from "@tandem/kernel/admin/check-body";
import { readJson } from "@tandem/kernel/admin/read-json";
import type { Clock } from "@tandem/platform/clock";
import { duration } from "@tandem/platform/config/fields";
import type { Logger } from "@tandem/platform/log/logger";
import { StoreUnavailable } from "@tandem/platform/store/store";
import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import { viewOf, type ApiKey, type ApiKeyView } from "./api-key.ts";
import { KeysUnchangeable, type ApiKeys } from "./api-keys.ts";
import type { KeyUses } from "./key-uses.ts";
import { createKey, KeyConflict, newKeySchema, revokeKey, rotateKey, type FreshKey } from "./manage-keys.ts";

interface SectionParts {
  readonly keys: ApiKeys;
  readonly uses: KeyUses;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds for which the secret of before a rotation stays good, unless it is asked otherwise. */
  readonly overlap: number;
  readonly recall?: ((digest: string) => Promise<void>) | undefined;
}

/** What `GET /api-keys` answers. */
export interface ApiKeysAnswer {
  readonly keys: readonly ApiKeyView[];
}

/** What making and rotating a key answer: the one time that anybody is shown the secret. */
export interface FreshKeyAnswer {
  readonly key: ApiKeyView;
  readonly secret: string;
}

const overlaps = duration({ max: "30d" });
const rotationSchema = z.strictObject({ overlap: overlaps.optional() });

/** The admin plane's part about API keys, under `/api-keys`. */
export function apiKeySections(parts: SectionParts): readonly AdminSection[] {
  const { keys, uses, clock, logger } = parts;

  const show = async (key: ApiKey): Promise<ApiKeyView> =>
    viewOf(key, { now: clock.now(), lastUsedAt: (await uses.all()).get(key.id) });

  const tell = async ({ key, secret }: FreshKey, what: string): Promise<FreshKeyAnswer> => {
    logger.info(what, { keyId: key.id, owner: key.owner });
    return { key: await show(key), secret };
  };

  return [
    {
      path: "/api-keys",
      handler: answered(200, async () => {
        const [all, times, now] = [await keys.list(), await uses.all(), clock.now()];
        return { keys: all.map((key) => viewOf(key, { now, lastUsedAt: times.get(key.id) })) } satisfies ApiKeysAnswer;
      }),
    },
    {
      path: "/api-keys",
      method: "post",
      handler: answered(201, async (request, response) => {
        const given = checkBody(newKeySchema, await readJson(request, response));
        return tell(await createKey(keys, given, parts), "an API key was made");
      }),
    },
    {
      path: "/api-keys/:id",
      handler: answered(200, async (request) => show(there(await keys.get(idOf(request))))),
    },
    {
      path: "/api-keys/:id",
      method: "delete",
      handler: answered(200, async (request) => {
        const key = there(await revokeKey(keys, idOf(request), parts));
        logger.info("an API key was revoked", { keyId: key.id, owner: key.owner });
        return show(key);
      }),
    },
    {
      path: "/api-keys/:id/rotate",
      method: "post",
      handler: answered(200, async (request, response) => {
        const { overlap = parts.overlap } = checkBody(rotationSchema, await readJson(request, response));
        return tell(there(await rotateKey(keys, idOf(request), { ...parts, overlap })), "an API key was rotated");
      }),
    },
  ];
}

function answered(status: number, act: (request: Request, response: Response) => Promise<object>): RequestHandler {
  return async (request, response) => {
    try {
      response.status(status).json(await act(request, response));
    } catch (error) {
      throw problemOf(error);
    }
  };
}

const idOf = ({ params }: Request): string => String(params["id"]);

function there<T>(found: T | undefined): T {
  if (found === undefined) throw new GatewayError("route.unknown", { detail: "there is no API key of this id" });
  return found;
}

function problemOf(error: unknown): unknown {
  if (error instanceof KeyConflict || error instanceof KeysUnchangeable)
    return new GatewayError("request.conflict", { detail: error.message, cause: error });
  if (error instanceof StoreUnavailable)
    return new GatewayError("identity.unavailable", { detail: "the store does not answer", cause: error });
  return error;
}
