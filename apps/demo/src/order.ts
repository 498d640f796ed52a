import { Refusal } from "./refusal.ts";

/** An order, as the service keeps it and shows it. */
export interface Order {
  readonly id: string;
  readonly item: string;
  readonly quantity: number;
  /** The instance that took it. */
  readonly takenBy: string;
}

/** What a client wants, out of the JSON that it sent; a Refusal where that is no order. */
export function parseOrder(value: unknown): Pick<Order, "item" | "quantity"> {
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
