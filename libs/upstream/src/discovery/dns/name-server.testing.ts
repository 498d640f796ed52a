import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { decode, encode, type Answer, type DecodedPacket } from "dns-packet";
import type { NameServer } from "./name-server.ts";

/** What a name server of a test says to a question: messages as they go over the wire, none where it is silent. */
export type Says = (question: DecodedPacket, over: "udp" | "tcp") => readonly Buffer[];

interface TestNameServer extends NameServer {
  /** The questions so far, as `A orders.internal udp`. */
  readonly asked: string[];
  /** Changes what it says from now on. */
  says: Says;
}

/** One port for both; what is free over TCP, another process may have over UDP. */
async function bothOnOnePort(): Promise<{ tcp: Server; udp: UdpSocket; port: number }> {
  for (;;) {
    const tcp = createServer().listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4").bind(port, "127.0.0.1");
    try {
      await once(udp, "listening");
      return { tcp, udp, port };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      tcp.close();
      udp.close();
    }
  }
}

/** A name server that says what the test wants, whether that is DNS or not; over UDP and TCP, on one port. */
export async function nameServer(t: TestContext, says: Says): Promise<TestNameServer> {
  const { tcp, udp, port } = await bothOnOnePort();
  const server: TestNameServer = { address: "127.0.0.1", port, asked: [], says };
  const hear = (message: Buffer, over: "udp" | "tcp"): readonly Buffer[] => {
    const packet = decode(message);
    const [question] = packet.questions ?? [];
    server.asked.push(`${question?.type} ${question?.name} ${over}`);
    return server.says(packet, over);
  };
  udp.on("message", (message, from: RemoteInfo) => {
    for (const answer of hear(message, "udp")) udp.send(answer, from.port, from.address);
  });
  const sockets = new Set<Socket>();
  tcp.on("connection", (socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.on("data", (chunk: Buffer) => {
      for (const answer of hear(chunk.subarray(2), "tcp")) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        // In pieces, as a network may deliver it.
        socket.write(length.subarray(0, 1));
        setTimeout(() => socket.write(Buffer.concat([length.subarray(1), answer])), 5);
      }
    });
  });
  t.after(() => {
    udp.close();
    for (const socket of sockets) socket.destroy();
    tcp.close();
  });
  return server;
}

interface Saying {
  readonly answers?: readonly Answer[];
  readonly additionals?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  /** 2 is SERVFAIL, 3 NXDOMAIN. */
  readonly code?: number;
  readonly truncated?: boolean;
  readonly id?: number;
  readonly questions?: DecodedPacket["questions"];
}

/** A well formed answer to a question. */
export function answerTo(question: DecodedPacket, saying: Saying): Buffer {
  const { answers = [], additionals = [], authorities = [], code = 0, truncated = false } = saying;
  return encode({
    type: "response",
    id: saying.id ?? question.id ?? 0,
    flags: code | (truncated ? 0x200 : 0),
    questions: (saying.questions ?? question.questions ?? []).map(({ name, type }) => ({ name, type })),
    answers: [...answers],
    additionals: [...additionals],
    authorities: [...authorities],
  });
}

/** An address record. */
export const address = (name: string, data: string, ttl = 60): Answer => ({
  type: data.includes(":") ? "AAAA" : "A",
  name,
  ttl,
  data,
});
