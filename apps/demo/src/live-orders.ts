import type { WebSocket } from "ws";
import type { Order } from "./order.ts";
import type { SocketHandler } from "./service.ts";

/** The WebSockets that hear of orders: first what there is, then each one as it is taken, by whichever instance. */
export interface LiveOrders {
  readonly listen: SocketHandler;
  tell(order: Order): void;
}

interface LiveOrdersOptions {
  /** Bytes that may wait for one listener; beyond, it is cut off. */
  readonly mostWaiting?: number;
}

/** Begins without listeners; `known` gives what a new one is told first. */
export function createLiveOrders(
  known: () => readonly Order[],
  { mostWaiting = 1024 * 1024 }: LiveOrdersOptions = {},
): LiveOrders {
  const listeners = new Set<WebSocket>();
  return {
    listen({ instance, client }) {
      client.send(JSON.stringify({ instance, orders: known() }));
      listeners.add(client);
      client.once("close", () => listeners.delete(client));
    },
    tell(order) {
      const text = JSON.stringify(order);
      for (const listener of listeners) {
        // A goodbye would wait behind all that is not read; who comes back begins with the whole list anyway.
        if (listener.bufferedAmount > mostWaiting) listener.terminate();
        else listener.send(text);
      }
    },
  };
}
