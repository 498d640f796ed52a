import type { Socket } from "node:net";

/** How long a client that has its last answer may take to hang up, in milliseconds. */
const patience = 1000;
/** What is read meanwhile; beyond it the client has to wait. */
const most = 16 * 1024 * 1024;

/** Ends our half of a connection, and lets the client read the answer before the other half goes too. */
export function closeSoon(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  const timer = setTimeout(() => socket.destroy(), patience);
  socket.once("close", () => clearTimeout(timer));
}

/**
 * The same where the client may still be sending. Bytes that nobody takes off a connection make of its end a reset, which
 * may take the answer away from the client: so they are read, and go nowhere.
 */
export function closeUnread(socket: Socket): void {
  if (socket.destroyed) return;
  // Node's server goes on reading for the parser when it hears of that, and for nobody once the parser is gone.
  if (socket.isPaused()) socket.once("resume", () => discard(socket)).resume();
  else discard(socket);
  closeSoon(socket);
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
