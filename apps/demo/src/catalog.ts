import { answerJson } from "./answer.ts";
import { Refusal } from "./refusal.ts";
import type { Service } from "./service.ts";

const items = [
  { id: "bell", name: "Handlebar bell", price: { amount: 1290, currency: "EUR" } },
  { id: "chain", name: "Chain, 2 × 118 links", price: { amount: 4990, currency: "EUR" } },
  { id: "lamp", name: "Dynamo lamp", price: { amount: 7400, currency: "EUR" } },
  { id: "saddle", name: "Stoker's saddle", price: { amount: 8900, currency: "EUR" } },
  { id: "tandem", name: "Touring tandem", price: { amount: 389000, currency: "EUR" } },
];

/** A shop window: read by anyone, written by nobody. */
export const catalog: Service = {
  name: "catalog",
  routes: {
    "/catalog/items": { GET: ({ response }) => answerJson(response, 200, { value: { items } }) },
    "/catalog/items/:id": {
      GET({ response, id }) {
        const item = items.find((candidate) => candidate.id === id);
        if (!item) throw new Refusal(404, `there is no item ${id}`);
        answerJson(response, 200, { value: item });
      },
    },
  },
};
