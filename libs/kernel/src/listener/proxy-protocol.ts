import type { Socket } from "node:net";
import {
  ProxyHeaderError,
  type ProxiedClient,
  proxyPrefixLength,
  readProxiedClient,
  readProxyPrefix,
} from "./proxy-header.ts";

/** What is told of a connection that ended without a header, or in the middle of it. */
export const unsaid = "the connection closed before its PROXY header";

interface Reading {
  readonly timeout: number;
  readonly done: (client: ProxiedClient | undefined) => void;
  readonly failed: (error: ProxyHeaderError) => void;
}

/** Takes a PROXY v2 header, and not one byte more, off the front of a connection; exactly one of the callbacks is called. */
export function takeProxyHeader(socket: Socket, { timeout, done, failed }: Reading): void {
  let prefix: Buffer | undefined;
  let length = 0;
  const timer = setTimeout(
    () => finish(() => failed(new ProxyHeaderError("the PROXY header did not come in time"))),
    timeout,
  );

  const finish = (tell: () => void): void => {
    clearTimeout(timer);
    socket.off("readable", onReadable);
    socket.off("end", onClose);
    socket.off("close", onClose);
    tell();
  };
  const onClose = (): void => finish(() => failed(new ProxyHeaderError(unsaid)));
  const onReadable = (): void => {
    try {
      if (!prefix) {
        const bytes: Buffer | null = socket.read(proxyPrefixLength);
        if (bytes === null) return;
        length = readProxyPrefix(bytes);
        prefix = bytes;
      }
      const rest: Buffer | null = length === 0 ? Buffer.alloc(0) : socket.read(length);
      if (rest === null) return;
      const client = readProxiedClient(prefix, rest);
      finish(() => done(client));
    } catch (error) {
      if (!(error instanceof ProxyHeaderError)) throw error;
      finish(() => failed(error));
    }
  };
  socket.on("end", onClose);
  socket.on("close", onClose);
  socket.on("readable", onReadable);
}
