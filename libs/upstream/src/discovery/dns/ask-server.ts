import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { readReply, writeQuestion, type DnsQuestion, type DnsReply } from "./message.ts";
import type { NameServer } from "./name-server.ts";

interface AskOptions {
  /** Milliseconds for the whole of it, over UDP and over TCP each. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Says how much may come back. */
  readonly extended?: boolean;
}

/** Messages that fit no question of ours; after so many somebody is guessing, and the server is not heard through it. */
const mostNoise = 100;

/** Asks one name server, with a socket and a number of its own for each question; over TCP what a datagram cannot hold. */
export async function askServer(server: NameServer, question: DnsQuestion, options: AskOptions): Promise<DnsReply> {
  const { extended = true } = options;
  const reply = await overUdp(server, question, { ...options, extended });
  // A server from before 1999 answers that it does not understand the size.
  if (extended && (reply.code === "FORMERR" || reply.code === "NOTIMP"))
    return askServer(server, question, { ...options, extended: false });
  return reply.truncated ? overTcp(server, question, { ...options, extended }) : reply;
}

type Told = Pick<PromiseWithResolvers<DnsReply>, "resolve" | "reject">;

/** Settles as `start` says, in time; what it opened is closed by what it gives back. */
async function within({ timeout, signal }: AskOptions, start: (told: Told) => () => void): Promise<DnsReply> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<DnsReply>();
  const abort = (): void => reject(signal.reason);
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout);
  signal.addEventListener("abort", abort);
  const close = start({ resolve, reject });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
    close();
  }
}

function overUdp({ address, port }: NameServer, question: DnsQuestion, options: AskOptions): Promise<DnsReply> {
  return within(options, ({ resolve, reject }) => {
    const id = randomInt(65_536);
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    let noise = 0;
    socket.on("error", reject);
    socket.on("message", (message) => {
      const reply = readReply(message, question, id);
      if (reply) resolve(reply);
      else if (++noise >= mostNoise) reject(new Error("its answers are drowned in noise"));
    });
    // Connected: the kernel lets in what comes from this server alone, and tells when nobody listens there.
    socket.connect(port, address, (error?: Error) => {
      if (error) reject(error);
      else socket.send(writeQuestion(question, { id, extended: options.extended === true }));
    });
    return () => {
      socket.off("error", reject).on("error", () => {}); // nobody waits for it any more
      socket.close();
    };
  });
}

function overTcp({ address, port }: NameServer, question: DnsQuestion, options: AskOptions): Promise<DnsReply> {
  return within(options, ({ resolve, reject }) => {
    const id = randomInt(65_536);
    const socket = connect({ host: address, port });
    let received = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("it closed the connection")));
    socket.on("connect", () => {
      const message = writeQuestion(question, { id, extended: options.extended === true });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const length = received.length < 2 ? Number.POSITIVE_INFINITY : received.readUInt16BE(0);
      if (received.length < length + 2) return;
      const reply = readReply(received.subarray(2, length + 2), question, id);
      if (reply && !reply.truncated) resolve(reply);
      else reject(new Error("its answer over TCP cannot be read"));
    });
    return () => socket.destroy();
  });
}
