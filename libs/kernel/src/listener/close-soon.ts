import type { Socket } from "node:net";

/** How long a client that has its last answer may take to hang up, in milliseconds. */
const patience = 1000;
/** How long one in the middle of its upload may go on sending: on a slow line it reads no answer before it has sent its all. */
export const uploadPatience = 10_000;
/** What is read meanwhile; beyond it the client has to wait. */
const most = 16 * 1024 * 1024;

/** Ends our half of a connection, and lets the client read the answer before the other half goes too. */
export function closeSoon(socket: Socket): void {
  if (!socket.destroyed) endWithin(socket, patience);
}

/**
 * The same where the client may still be sending. Bytes that nobody takes off a connection make of its end a reset, which
 * may take the answer away from the client: so they are read, and go nowhere, for as long as they come and `limit` allows.
 */
export function closeUnread(socket: Socket, limit = patience): void {
  if (socket.destroyed) return;
  // Node's server goes on reading for the parser when it hears of that, and for nobody once the parser is gone.
  if (socket.isPaused()) socket.once("resume", () => discard(socket)).resume();
  else discard(socket);
  endWithin(socket, limit);
}

/** Looks once in a while whether the client still sends; one that is silent, or has had that long, is hung up on. */
function endWithin(socket: Socket, limit: number): void {
  socket.end();
  let left = limit / patience;
  let heard = socket.bytesRead;
  const looking = setInterval(() => {
    if (socket.bytesRead === heard || --left <= 0) socket.destroy();
    heard = socket.bytesRead;
  }, patience);
  socket.once("close", () => clearInterval(looking));
}

function discard(socket: Socket): void {
  // Above all the parser, which would find further requests.
  socket.removeAllListeners("data");
  let read = 0;
  socket.on("data", (chunk: Buffer) => {
    read += chunk.length;
    if (read > most) socket.pause();
  });
}
