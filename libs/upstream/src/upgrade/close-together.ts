import type { Duplex } from "node:stream";

/**
 * Closes each of two joined sockets when the other one has closed. Pipes pass on a regular end and nothing else; what is
 * still on its way to a reader gets `grace` milliseconds, and so does a side that does not close after the other has ended.
 * Gives what lets each of them go its own way again.
 */
export function closeTogether(one: Duplex, other: Duplex, grace: number): () => void {
  let late: NodeJS.Timeout | undefined;
  const hurry = (): void => {
    late ??= setTimeout(() => {
      one.destroy();
      other.destroy();
    }, grace);
  };
  const follow = (socket: Duplex, peer: Duplex): (() => void) => {
    const closed = (): void => {
      if (peer.destroyed) return clearTimeout(late);
      hurry();
      if (peer.writableFinished) peer.destroy();
      else peer.once("finish", () => peer.destroy()).end();
    };
    socket.once("end", hurry).once("close", closed);
    return () => void socket.off("end", hurry).off("close", closed);
  };
  const releases = [follow(one, other), follow(other, one)];
  return () => {
    clearTimeout(late);
    for (const release of releases) release();
  };
}
