import type { ClientContext, Result } from "ioredis";
import { randomBytes } from "node:crypto";
import type { LogEntry, LogPage } from "./store.ts";

declare module "ioredis" {
  // The parameters must be written exactly as ioredis writes them.
  interface RedisCommander<Context extends ClientContext = { type: "default" }> {
    tandemAppend(...given: readonly (string | number)[]): Result<number, Context>;
    tandemReadLog(...given: readonly (string | number)[]): Result<LogAnswer, Context>;
  }
}

type LogAnswer = readonly [fromStart: number, name: string, last: string, more: number, entries: readonly string[]];

/** A log is two sorted sets of its entries, by their numbers and by their ends, and a hash with its name and its last number. */
const parts = `
local order, ends, state = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local name = redis.call("HGET", state, "name") or ""
-- A server that is short of memory may have evicted one of the three: then nothing of it can be relied on.
local isWhole = name ~= "" and redis.call("ZCARD", order) == redis.call("ZCARD", ends)
`;

const append = `${parts}
if not isWhole then
  redis.call("DEL", order, ends, state)
  redis.call("HSET", state, "name", ARGV[1], "last", 0)
end
for _, entry in ipairs(redis.call("ZRANGEBYSCORE", ends, "-inf", now, "LIMIT", 0, 1000)) do
  redis.call("ZREM", order, entry)
  redis.call("ZREM", ends, entry)
end
for at = 2, #ARGV, 2 do
  local entry, till = ARGV[at], now + ARGV[at + 1]
  local known = tonumber(redis.call("ZSCORE", ends, entry) or 0)
  if known <= now then redis.call("ZADD", order, redis.call("HINCRBY", state, "last", 1), entry) end
  if known < till then redis.call("ZADD", ends, till, entry) end
end
local latest = redis.call("ZRANGE", ends, -1, -1, "WITHSCORES")[2]
for _, key in ipairs(KEYS) do redis.call("PEXPIREAT", key, latest) end
return 1`;

const read = `${parts}
if not isWhole then name = "" end
local last = name == "" and 0 or tonumber(redis.call("HGET", state, "last"))
local after, fromStart = ARGV[2], 0
if name ~= ARGV[1] or tonumber(after) > last then after, fromStart = "0", 1 end
local entries = {}
if name == "" then return { fromStart, name, after, 0, entries } end
local found = redis.call("ZRANGEBYSCORE", order, "(" .. after, "+inf", "WITHSCORES", "LIMIT", 0, ARGV[3])
for at = 1, #found, 2 do
  after = found[at + 1]
  if tonumber(redis.call("ZSCORE", ends, found[at]) or 0) > now then entries[#entries + 1] = found[at] end
end
local more = #found == 2 * ARGV[3] and 1 or 0
return { fromStart, name, after, more, entries }`;

/** What the client of Redis must know beforehand. */
export const logScripts = {
  tandemAppend: { lua: append, numberOfKeys: 3 },
  tandemReadLog: { lua: read, numberOfKeys: 3 },
};

/** Entries that are read at once. */
const perPage = 1000;

/** No log has this name. */
const nowhere = { name: "-", last: "0" };

/** What `tandemAppend` takes. A log that there is not yet gets a name that no log ever had. */
export const appendArguments = (key: string, entries: readonly LogEntry[]): (string | number)[] => [
  ...keysOf(key),
  randomBytes(12).toString("base64url"),
  ...entries.flatMap(({ text, ttlMs }) => [text, ttlMs]),
];

/** What `tandemReadLog` takes. A connection made anew may lead to another server: there the cursor of an earlier one means nothing. */
export function readArguments(key: string, cursor: string | undefined, connection: number): (string | number)[] {
  const [made, name, last] = cursor?.split(":") ?? [];
  const known = made === String(connection) && name !== undefined && /^\d{1,15}$/.test(last ?? "");
  const position = known ? { name, last: last ?? "0" } : nowhere;
  return [...keysOf(key), position.name, position.last, perPage];
}

/** What it answered, on that connection. */
export const pageOf = ([fromStart, name, last, more, entries]: LogAnswer, connection: number): LogPage => ({
  entries,
  cursor: `${connection}:${name}:${last}`,
  fromStart: fromStart === 1,
  more: more === 1,
});

const keysOf = (key: string): string[] => ["order", "ends", "state"].map((part) => `${key}:${part}`);
