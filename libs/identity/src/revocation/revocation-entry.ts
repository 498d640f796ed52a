import { z } from "zod";
import type { Revoked } from "./revocations.ts";

/** No token is longer than 8 KiB, so no claim is. */
const text = z.string().min(1).max(8192);
const issuer = text.optional();
const before = z.number().min(0).max(1e11);
const until = z.int().min(0).max(1e14);

/** In the order in which an entry is written: the same entry must always be the same text. */
const entrySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("token"), digest: z.string().regex(/^[\w-]{43}$/), until }),
  z.strictObject({ kind: z.literal("id"), id: text, issuer, until }),
  z.strictObject({ kind: z.literal("subject"), subject: text, issuer, before, until }),
  z.strictObject({ kind: z.literal("client"), client: text, issuer, before, until }),
  z.strictObject({ kind: z.literal("session"), session: text, issuer, until }),
  z.strictObject({ kind: z.literal("key"), keyId: text, issuer, until }),
]);

/** Something taken back, and the epoch millisecond until which that counts. */
export type Entry = Revoked & { readonly until: number };

/** As it stands in the log that gateways share; throws where the others could not read it. */
export const writeEntry = (entry: Entry): string => JSON.stringify(entrySchema.parse(entry));

/** What another gateway wrote; nothing where this one cannot read it. */
export function readEntry(written: string): Entry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(written)).data;
  } catch {
    return undefined;
  }
}

/** The name that is taken back, of whatever kind. */
export function nameOf(what: Revoked): string {
  if (what.kind === "token") return what.digest;
  if (what.kind === "id") return what.id;
  if (what.kind === "subject") return what.subject;
  if (what.kind === "client") return what.client;
  return what.kind === "session" ? what.session : what.keyId;
}
