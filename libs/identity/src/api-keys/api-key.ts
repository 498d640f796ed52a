import { scopePattern } from "@tandem/contracts/scope";
import { z } from "zod";
import { isSecretHash, readSecretHash } from "../issuers/secret-hash.ts";

/** Longest list of scopes or roles: all of them have to fit into one assertion. */
const most = 32;

/** Where these are kept in a file, `${…}` would be taken for a reference to a secret. */
const isPlain = (text: string): boolean => !text.includes("${");

const line = (longest: number) =>
  z
    .string()
    .regex(new RegExp(`^[^\\p{C}]{1,${longest}}$`, "u"), `expected one line of at most ${longest} characters`)
    .refine(isPlain, "${ is not allowed here");

const scope = z
  .string()
  .regex(scopePattern, "a scope is visible ASCII without spaces, quotes and backslashes")
  .refine(isPlain, "${ is not allowed here");

/** A moment, written as in ISO 8601 with its zone; epoch milliseconds to us. */
export const moment = () =>
  z.iso
    .datetime({ offset: true, error: "expected a time such as 2027-01-31T00:00:00Z" })
    .transform((text) => Date.parse(text));

/** A message of its own, so that nobody's secret is shown who wrote it where its hash belongs. */
const hash = z
  .string()
  .refine(isSecretHash, "expected sha256: and the hash of the secret, in hex or base64url")
  .transform((text) => (isSecretHash(text) ? readSecretHash(text).toString("base64url") : ""));

const list = <Item extends z.ZodType<string>>(item: Item) => z.array(item).max(most).default([]);

/** What a person decides of a key. */
export const givenFields = {
  name: line(128).meta({ description: "What it is for, in a few words." }),
  owner: line(256).meta({ description: "Who calls: the subject that services and policies see." }),
  scopes: list(scope),
  roles: list(line(128)),
  tenant: line(128).optional(),
  label: z
    .string()
    .regex(/^[a-z0-9]{1,16}$/, "a label is up to 16 lower-case letters and digits")
    .optional()
    .meta({ description: "Shown in the secret: tdm_<label>_…" }),
  expiresAt: moment().optional(),
};

/** One API key as it is kept: never its secret, which nobody knows but its holder. */
export const apiKeySchema = z.strictObject({
  id: z.string().regex(/^ak_[a-z0-9]{4,32}$/, "an id is ak_ and lower-case letters and digits"),
  hash,
  ...givenFields,
  createdAt: moment(),
  rotatedAt: moment().optional(),
  revokedAt: moment().optional(),
  previous: z.array(z.strictObject({ hash, until: moment() })).default([]),
});

/** A key in memory: hashes in base64url, times in epoch milliseconds. */
export type ApiKey = Readonly<z.output<typeof apiKeySchema>>;

/** What a key is worth at a time. */
export type KeyState = "active" | "expired" | "revoked";

export function stateOf({ revokedAt, expiresAt = Infinity }: ApiKey, now: number): KeyState {
  if (revokedAt !== undefined) return "revoked";
  return now < expiresAt ? "active" : "expired";
}

/** A key as it is written down; what it does not have is left out. */
export function documentOf(key: ApiKey): Readonly<Record<string, unknown>> {
  const { hash: digest, previous } = key;
  const before = previous.map(({ hash: old, until }) => ({ hash: `sha256:${old}`, until: isoOf(until) }));
  return withoutNothing({ ...publicParts(key), hash: `sha256:${digest}`, previous: before });
}

/** A key as the admin plane shows it: not even its hash. */
export interface ApiKeyView {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly state: KeyState;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly tenant?: string;
  readonly label?: string;
  readonly createdAt: string;
  readonly rotatedAt?: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
  /** Until when secrets of before a rotation are good. */
  readonly previousUntil?: readonly string[];
}

/** Shows a key. `lastUsedAt` is known from elsewhere, and to the minute. */
export function viewOf(
  key: ApiKey,
  { now, lastUsedAt }: { readonly now: number; readonly lastUsedAt?: number | undefined },
) {
  const { id, name, owner, createdAt, previous } = key;
  const previousUntil = previous.filter(({ until }) => until > now).map(({ until }) => isoOf(until));
  const always = { id, name, owner, state: stateOf(key, now), createdAt: isoOf(createdAt) };
  const more = withoutNothing({ ...publicParts(key), lastUsedAt: lastUsedAt && isoOf(lastUsedAt), previousUntil });
  return { ...more, ...always } satisfies ApiKeyView;
}

function publicParts({ id, name, owner, scopes, roles, tenant, label, ...times }: ApiKey) {
  const { createdAt, rotatedAt, expiresAt, revokedAt } = times;
  const written = { createdAt, rotatedAt, expiresAt, revokedAt };
  const moments = Object.entries(written).map(([field, time]) => [field, time === undefined ? undefined : isoOf(time)]);
  return { id, name, owner, scopes, roles, tenant, label, ...Object.fromEntries(moments) };
}

const isoOf = (time: number): string => new Date(time).toISOString();

/** Undefined values and empty lists say no more than their absence. */
function withoutNothing(parts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}
