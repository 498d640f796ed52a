import type { Socket } from "node:net";
import { conversationOf } from "./serving.ts";

/** Calls back when the listener of an upgraded connection begins to close; after that the connection is the caller's to end, within the grace. */
export function onRetire(socket: Socket, listener: () => void): void {
  conversationOf(socket).retire = listener;
}
