import type { ApiKeyView } from "@tandem/identity/api-keys/api-key";
import { aligned } from "./aligned.ts";

/** A line for each key, under a line of headings. */
export function keyTable(keys: readonly ApiKeyView[]): string {
  if (keys.length === 0) return "There is no API key yet: tandem keys create --help\n";
  const rows = keys.map(({ id, state, owner, name, scopes = [], expiresAt, lastUsedAt }) => [
    id,
    state,
    owner,
    name,
    scopes.join(" ") || "-",
    expiresAt === undefined ? "never" : timeOf(expiresAt),
    lastUsedAt === undefined ? "-" : timeOf(lastUsedAt),
  ]);
  return aligned([["ID", "STATE", "OWNER", "NAME", "SCOPES", "EXPIRES", "LAST USED"], ...rows]);
}

/** One key, a line for each thing that is known of it. */
export function keyCard(key: ApiKeyView): string {
  const { id, state, owner, name, scopes = [], roles = [], tenant, createdAt, rotatedAt, expiresAt, revokedAt } = key;
  const lines: [string, string | undefined][] = [
    ["id", id],
    ["state", state],
    ["name", name],
    ["owner", owner],
    ["scopes", scopes.join(" ") || "-"],
    ["roles", roles.join(", ") || undefined],
    ["tenant", tenant],
    ["created", timeOf(createdAt)],
    ["rotated", rotatedAt && timeOf(rotatedAt)],
    ["old secrets until", key.previousUntil?.map(timeOf).join(", ")],
    ["expires", expiresAt === undefined ? "never" : timeOf(expiresAt)],
    ["revoked", revokedAt && timeOf(revokedAt)],
    ["last used", key.lastUsedAt && timeOf(key.lastUsedAt)],
  ];
  return aligned(lines.flatMap(([field, value]) => (value === undefined ? [] : [[field, value]])));
}

/** To the minute, in UTC, which the Z says. */
const timeOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`;
