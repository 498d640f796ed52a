import { GatewayError } from "@tandem/contracts/errors";
import type { AdminSection } from "@tandem/kernel/admin/admin";
import { checkBody } from "@tandem/kernel/admin/check-body";
import { readJson } from "@tandem/kernel/admin/read-json";
import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { StoreUnavailable } from "@tandem/platform/store/store";
import { z } from "zod";
import type { OpenRevocations } from "./open-revocations.ts";
import type { Entry } from "./revocation-entry.ts";
import { TooManyRevocations } from "./revocation-feed.ts";
import type { Revoked } from "./revocations.ts";

interface SectionParts {
  readonly revocations: OpenRevocations;
  /** Milliseconds for which a revocation counts where the request does not say until when. */
  readonly keep: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One revocation as the admin plane shows it; its times are ISO 8601. */
export interface RevocationView {
  readonly kind: Revoked["kind"];
  readonly until: string;
  readonly before?: string;
  readonly [member: string]: string | undefined;
}

/** What `POST /revocations` answers. */
export interface RevocationAnswer {
  readonly revoked: RevocationView;
  /** False: other gateways, and this one after its next start, know nothing of it. */
  readonly shared: boolean;
}

/** What `GET /revocations` answers. */
export interface RevocationsAnswer {
  readonly total: number;
  readonly blind: boolean;
  readonly shared: boolean;
  /** The first thousand, in no order. */
  readonly revocations: readonly RevocationView[];
}

const mostListed = 1000;
/** Clocks differ a little; what is further ahead is a mistake, and would refuse credentials that are yet to be given. */
const aheadMs = 60_000;
const longestMs = 3660 * 86_400_000;

const text = z.string().min(1).max(8192);
const issuer = text.optional();
const time = z.iso.datetime({ offset: true, error: "expected a time such as 2026-01-31T12:00:00Z" });
const ends = { until: time.transform((iso) => Date.parse(iso)).optional() };
const begins = { before: time.transform((iso) => Date.parse(iso)).optional() };

const wantedSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("token"),
    digest: z.string().regex(/^[\w-]{43}$/, "expected the SHA-256 of the token up to its signature, in base64url"),
    ...ends,
  }),
  z.strictObject({ kind: z.literal("id"), id: text, issuer, ...ends }),
  z.strictObject({ kind: z.literal("subject"), subject: text, issuer, ...begins, ...ends }),
  z.strictObject({ kind: z.literal("client"), client: text, issuer, ...begins, ...ends }),
  z.strictObject({ kind: z.literal("session"), session: text, issuer, ...ends }),
  z.strictObject({ kind: z.literal("key"), keyId: text, issuer, ...ends }),
]);

/** The admin plane's part about revocations, under `/revocations`. */
export function revocationSections({ revocations, keep, clock, logger }: SectionParts): readonly AdminSection[] {
  const entryOf = (wanted: z.output<typeof wantedSchema>): Entry => {
    const now = clock.now();
    const { until = now + keep } = wanted;
    if (until <= now) throw refused("until: is over already");
    if (until > now + longestMs) throw refused("until: is more than ten years ahead");
    if (wanted.kind !== "subject" && wanted.kind !== "client") return { ...wanted, until };
    const { before = now } = wanted;
    if (before > now + aheadMs) throw refused("before: is in the future");
    return { ...wanted, until, before: before / 1000 };
  };

  return [
    {
      path: "/revocations",
      handler: (_, response) => {
        const { inForce, isBlind } = revocations.stats;
        const all = revocations.list(mostListed).map(viewOf);
        const { isShared: shared } = revocations;
        response.json({ total: inForce, blind: isBlind, shared, revocations: all } satisfies RevocationsAnswer);
      },
    },
    {
      path: "/revocations",
      method: "post",
      handler: async (request, response) => {
        const { until, ...what } = entryOf(checkBody(wantedSchema, await readJson(request, response)));
        await revocations.revoke(what, until).catch((error: unknown) => {
          throw problemOf(error);
        });
        const revoked = viewOf({ ...what, until });
        logger.info("revoked", revoked);
        response.status(201).json({ revoked, shared: revocations.isShared } satisfies RevocationAnswer);
      },
    },
  ];
}

function viewOf({ until, ...what }: Entry): RevocationView {
  const view = { ...what, until: new Date(until).toISOString() };
  return "before" in view ? { ...view, before: new Date(view.before * 1000).toISOString() } : view;
}

const refused = (detail: string): GatewayError => new GatewayError("request.malformed", { detail });

function problemOf(cause: unknown): unknown {
  if (!(cause instanceof StoreUnavailable)) return cause;
  const detail =
    cause instanceof TooManyRevocations
      ? "there are too many revocations already: it was not taken in"
      : "the store does not answer: it counts in this gateway, and in the others once the store answers again";
  return new GatewayError("identity.unavailable", { detail, cause });
}
