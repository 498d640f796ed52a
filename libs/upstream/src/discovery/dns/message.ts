import { decode, encode, RECURSION_DESIRED, type Answer } from "dns-packet";

/** What we ask of DNS. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: "A" | "AAAA" | "SRV";
}

/** A record, as far as we can use it. */
export type DnsRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: "A" | "AAAA" | "CNAME"; readonly data: string }
  | { readonly type: "SRV"; readonly data: SrvData }
);

export interface SrvData {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** An answer to our question, and to no other. */
export interface DnsReply {
  readonly code: string;
  readonly truncated: boolean;
  readonly answers: readonly DnsRecord[];
  /** What the server tells unasked, such as the addresses of targets. */
  readonly extra: readonly DnsRecord[];
  /** Seconds for which it holds that there is nothing; undefined where the server does not say. */
  readonly nothingFor: number | undefined;
}

/** What fits into a datagram on any path; more comes over TCP. */
const datagram = 1_232;

/** A question as it goes over the wire; `extended` tells how much may come back, which very old servers do not understand. */
export function writeQuestion(
  { name, type }: DnsQuestion,
  { id, extended }: { id: number; extended: boolean },
): Buffer {
  return encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: "IN" }],
    additionals: extended
      ? [
          {
            type: "OPT",
            name: ".",
            udpPayloadSize: datagram,
            flags: 0,
            options: [],
            extendedRcode: 0,
            ednsVersion: 0,
            flag_do: false,
          },
        ]
      : [],
  });
}

/** Reads what came from the wire; undefined for whatever is no answer to this question: noise, or somebody who guesses. */
export function readReply(message: Buffer, question: DnsQuestion, id: number): DnsReply | undefined {
  let packet: ReturnType<typeof decode>;
  try {
    packet = decode(message);
  } catch {
    return readBroken(message, id); // not DNS, cut off in a record, or a name that leads in circles
  }
  if (packet.type !== "response" || packet.id !== id) return undefined;
  const [asked, ...others] = packet.questions ?? [];
  const rcode: unknown = Reflect.get(packet, "rcode");
  const code = typeof rcode === "string" ? rcode : "no code";
  // One that understood nothing cannot repeat the question.
  if (!asked && (code === "FORMERR" || code === "NOTIMP")) return saying({ code });
  if (!asked || others.length > 0) return undefined;
  if (asked.type !== question.type || asked.class !== "IN" || !isSameName(asked.name, question.name)) return undefined;
  const soa = packet.authorities?.find((record) => record.type === "SOA");
  return {
    code,
    truncated: packet.flag_tc,
    answers: (packet.answers ?? []).flatMap(toRecord),
    extra: (packet.additionals ?? []).flatMap(toRecord),
    nothingFor: soa?.type === "SOA" ? Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0) : undefined,
  };
}

/** What a server cut off without care can only be asked for again. */
function readBroken(message: Buffer, id: number): DnsReply | undefined {
  const isCut = message.length >= 12 && message.readUInt16BE(0) === id && (message.readUInt16BE(2) & 0x8200) === 0x8200;
  return isCut ? saying({ code: "NOERROR", truncated: true }) : undefined;
}

const saying = ({ code, truncated = false }: { code: string; truncated?: boolean }): DnsReply => ({
  code,
  truncated,
  answers: [],
  extra: [],
  nothingFor: undefined,
});

/** Names are the same whatever the case of their letters; ours are in small ones. */
const isSameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function toRecord(answer: Answer): DnsRecord[] {
  if (answer.type === "OPT" || answer.class !== "IN") return [];
  const { ttl = 0 } = answer;
  // RFC 2181 §8: a time with the highest bit set is none.
  const said = { name: answer.name.toLowerCase(), ttl: ttl > 0x7f_ff_ff_ff ? 0 : ttl };
  if (answer.type === "A" || answer.type === "AAAA") return [{ ...said, type: answer.type, data: answer.data }];
  if (answer.type === "CNAME") return [{ ...said, type: "CNAME", data: answer.data.toLowerCase() }];
  if (answer.type !== "SRV") return [];
  const { priority = 0, weight = 0, port, target } = answer.data;
  return [{ ...said, type: "SRV", data: { priority, weight, port, target: target.toLowerCase() } }];
}
