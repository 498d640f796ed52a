import type { Duplex } from "node:stream";

/**
 * Closes each of two joined sockets when the other one has closed. Pipes pass on a regular end and nothing else; what is
 * still on its way to a reader gets `grace` milliseconds, and so does a side that does not close after the other has ended.
 */
export function closeTogether(one: Duplex, other: Duplex, grace: number): void {
  let late: NodeJS.Timeout | undefined;
  const hurry = (): void => {
    late ??= setTimeout(() => {
      one.destroy();
      other.destroy();
    }, grace);
  };
  const follow = (socket: Duplex, peer: Duplex): void => {
    socket.once("end", hurry);
    socket.once("close", () => {
      if (peer.destroyed) return clearTimeout(late);
      hurry();
      if (peer.writableFinished) peer.destroy();
      else peer.once("finish", () => peer.destroy()).end();
    });
  };
  follow(one, other);
  follow(other, one);
}
