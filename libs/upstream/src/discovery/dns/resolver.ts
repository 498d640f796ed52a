import { askServer } from "./ask-server.ts";
import type { DnsQuestion, DnsRecord, DnsReply } from "./message.ts";
import type { NameServer } from "./name-server.ts";

/** What DNS says of a question, aliases followed. */
export interface Resolved {
  readonly records: readonly DnsRecord[];
  /** What came along unasked. */
  readonly extra: readonly DnsRecord[];
  /** Seconds for which all of it holds; undefined where there is nothing and nobody says for how long. */
  readonly ttl: number | undefined;
  readonly server: string;
}

/** Asks name servers; an answer that there is nothing is an answer, everything else that is none is an error. */
export interface Resolver {
  resolve(question: DnsQuestion, signal: AbortSignal): Promise<Resolved>;
}

interface ResolverOptions {
  readonly servers: readonly NameServer[];
  /** Milliseconds one server may take. */
  readonly timeout?: number;
  /** How often all of them are asked before it is an error. */
  readonly rounds?: number;
}

/** An alias of an alias of an alias: beyond these it is a loop, or a joke. */
const mostAliases = 8;
/** Whatever bytes an answer names an alias or a target by, only such are asked for. */
const askable = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/;
const mostRecords = 2_000;

/** Asks the servers in their order, each question of the first that answers. */
export function createResolver({ servers, timeout = 2_000, rounds = 2 }: ResolverOptions): Resolver {
  const ask = async (question: DnsQuestion, signal: AbortSignal): Promise<{ reply: DnsReply; server: string }> => {
    let failure = new Error("there is no name server to ask");
    for (let round = 0; round < rounds; round++)
      for (const nameServer of servers) {
        const server = nameOf(nameServer);
        try {
          const reply = await askServer(nameServer, question, { timeout, signal });
          const isAnswer = reply.code === "NOERROR" || reply.code === "NXDOMAIN";
          if (isAnswer && reply.answers.length + reply.extra.length <= mostRecords) return { reply, server };
          failure = new Error(`${server} says ${isAnswer ? "too much" : reply.code}`);
        } catch (error) {
          signal.throwIfAborted();
          failure = new Error(`${server}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    throw failure;
  };

  return {
    async resolve({ name, type }, signal) {
      let asked = name;
      let ttl = Number.POSITIVE_INFINITY;
      for (let aliases = 0; aliases <= mostAliases;) {
        if (!askable.test(asked)) throw new Error(`${name} leads to what is no name`);
        const { reply, server } = await ask({ name: asked, type }, signal);
        const found = follow(reply, { name: asked, type });
        ttl = Math.min(ttl, found.ttl);
        if (found.records.length > 0) return { records: found.records, extra: reply.extra, ttl, server };
        aliases += found.aliases;
        const isEnd = found.aliases === 0 || reply.code === "NXDOMAIN";
        if (isEnd && aliases <= mostAliases) return { records: [], extra: [], ttl: reply.nothingFor, server };
        asked = found.name;
      }
      throw new Error(`${name} leads through more than ${mostAliases} aliases`);
    },
  };
}

/** Follows the aliases within one answer; what belongs to none of these names was not asked for. */
function follow({ answers }: DnsReply, { name, type }: DnsQuestion) {
  let at = name;
  let ttl = Number.POSITIVE_INFINITY;
  for (let aliases = 0; ; aliases++) {
    const records = answers.filter((record) => record.type === type && record.name === at);
    const alias = answers.find((record) => record.type === "CNAME" && record.name === at);
    if (records.length > 0 || alias?.type !== "CNAME" || aliases > mostAliases)
      return { name: at, records, aliases, ttl: Math.min(ttl, ...records.map((record) => record.ttl)) };
    at = alias.data;
    ttl = Math.min(ttl, alias.ttl);
  }
}

const nameOf = ({ address, port }: NameServer): string => `${address.includes(":") ? `[${address}]` : address}:${port}`;
