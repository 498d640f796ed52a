import type { Socket } from "node:net";

type Written = (error?: Error | null) => void;

/**
 * A service may refuse an upload and close at once. Where a piece can no longer be written, Node gives a connection up with
 * all that has come over it and was not read; here that is read first. An end that comes after such a failure is none: the
 * failure has taken the reset with it that would have been read in its place.
 */
export function readBeforeBreaking(socket: Socket): void {
  // oxlint-disable-next-line unbound-method -- both are called with their socket
  const { _write: write, _writev: writeMany } = socket;
  let written: Written | undefined;
  let patient: Written;
  // Node gives the same one for every piece, so that there is one of ours as well.
  const patiently = (given: Written): Written => {
    if (given !== written) {
      written = given;
      patient = (error) => {
        if (!error || !isBroken(error) || socket.destroyed || socket.readableEnded) return given(error);
        socket.removeAllListeners("end").once("end", () => socket.destroy(error));
      };
    }
    return patient;
  };
  Object.assign(socket, {
    _write: (chunk: unknown, encoding: BufferEncoding, given: Written) =>
      write.call(socket, chunk, encoding, patiently(given)),
    ...(writeMany && {
      _writev: (chunks: Parameters<typeof writeMany>[0], given: Written) =>
        writeMany.call(socket, chunks, patiently(given)),
    }),
  });
}

const isBroken = ({ code }: NodeJS.ErrnoException): boolean => code === "EPIPE" || code === "ECONNRESET";
