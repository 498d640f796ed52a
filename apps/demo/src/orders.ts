import { answerJson } from "./answer.ts";
import { readJson } from "./body.ts";
import { createLiveOrders } from "./live-orders.ts";
import { parseOrder, type Order } from "./order.ts";
import { Refusal } from "./refusal.ts";
import type { Service } from "./service.ts";

interface OrdersOptions {
  /** Orders kept; the oldest are forgotten. */
  readonly most?: number;
  readonly nextId?: () => string;
}

const largestOrder = 16 * 1024;

/** Takes orders and keeps the latest in memory; all instances of one process share them. */
export function createOrders({ most = 1000, nextId = () => crypto.randomUUID() }: OrdersOptions = {}): Service {
  const orders = new Map<string, Order>([
    ["1001", { id: "1001", item: "tandem", quantity: 1, takenBy: "the shop" }],
    ["1002", { id: "1002", item: "bell", quantity: 2, takenBy: "the shop" }],
  ]);
  const live = createLiveOrders(() => [...orders.values()]);
  return {
    name: "orders",
    routes: {
      "/orders": {
        GET: ({ response }) => answerJson(response, 200, { value: { orders: [...orders.values()] } }),
        async POST({ request, response, instance }) {
          const wanted = parseOrder(await readJson(request, largestOrder));
          const order: Order = { id: nextId(), ...wanted, takenBy: instance };
          orders.set(order.id, order);
          for (const oldest of orders.keys()) {
            if (orders.size <= most) break;
            orders.delete(oldest);
          }
          live.tell(order);
          answerJson(response, 201, { value: order, headers: { location: `/orders/${order.id}` } });
        },
      },
      "/orders/live": {
        GET() {
          throw new Refusal(426, "orders are told live over a WebSocket", {
            upgrade: "websocket",
            connection: "upgrade",
          });
        },
      },
      "/orders/:id": {
        GET({ response, id }) {
          const order = orders.get(id);
          if (!order) throw new Refusal(404, `there is no order ${id}`);
          answerJson(response, 200, { value: order });
        },
      },
    },
    sockets: { "/orders/live": live.listen },
  };
}
