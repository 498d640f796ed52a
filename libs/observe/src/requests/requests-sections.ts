import { GatewayError } from "@tandem/contracts/errors";
import { responseFlags } from "@tandem/contracts/response-flags";
import type { AdminSection } from "@tandem/kernel/admin/admin";
import { z } from "zod";
import type { LineObject, RecentRequests } from "./recent-requests.ts";

/** What `GET /requests` and `GET /requests/:id` answer: lines of one process, newest first. */
export interface RequestsAnswer {
  readonly service: string;
  readonly instance: string;
  readonly requests: readonly LineObject[];
}

interface Origin {
  readonly service: string;
  readonly instance: string;
}

const querySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .transform(Number)
    .default(100),
  route: z.string().optional(),
  status: z
    .string()
    .regex(/^[1-5]xx$/)
    .transform((text) => Number(text[0]))
    .optional(),
  principal: z.string().optional(),
  flag: z
    .string()
    .refine((text) => Object.hasOwn(responseFlags, text))
    .optional(),
  after: z
    .string()
    .regex(/^\w{1,64}$/)
    .optional(),
});
const asked =
  "limit is 1 to 9999, status is one of 1xx to 5xx, flag is a response flag; route and principal are names, after is the id of a request";

/** Shows the latest requests on the admin plane: `/requests`, and `/requests/:id` for all lines of a request or a trace. */
export function requestsSections(recent: RecentRequests, { service, instance }: Origin): readonly AdminSection[] {
  const answer = (requests: readonly LineObject[]): RequestsAnswer => ({ service, instance, requests });
  return [
    {
      path: "/requests",
      handler(request, response) {
        const { data } = querySchema.safeParse(request.query);
        if (!data) throw new GatewayError("request.malformed", { detail: asked });
        const { limit, status, ...filter } = data;
        response.json(answer(recent.latest(limit, { ...filter, statusClass: status })));
      },
    },
    {
      path: "/requests/:id",
      handler(request, response) {
        const found = recent.get(String(request.params["id"]));
        if (found.length === 0) throw new GatewayError("route.unknown", { detail: "No such request is kept here" });
        response.json(answer(found));
      },
    },
  ];
}
