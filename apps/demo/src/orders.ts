import { answerJson } from "./answer.ts";
import { readJson } from "./body.ts";
import { Refusal } from "./refusal.ts";
import type { Service } from "./service.ts";

interface Order {
  readonly id: string;
  readonly item: string;
  readonly quantity: number;
  readonly takenBy: string;
}

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
          answerJson(response, 201, { value: order, headers: { location: `/orders/${order.id}` } });
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
  };
}

function parseOrder(value: unknown): Pick<Order, "item" | "quantity"> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("an order is an object");
  const { item, quantity, ...others }: Record<string, unknown> = { ...value };
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`an order has no ${JSON.stringify(other)}`);
  if (typeof item !== "string" || !/^[\w-]{1,64}$/.test(item)) throw invalid("item is the id of an item");
  if (typeof quantity !== "number" || !Number.isInteger(quantity) || quantity < 1 || quantity > 100)
    throw invalid("quantity is a whole number from 1 to 100");
  return { item, quantity };
}

const invalid = (message: string): Refusal => new Refusal(422, message);
