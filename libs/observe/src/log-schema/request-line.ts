import { problems } from "@tandem/contracts/errors";
import { authenticationMethods } from "@tandem/contracts/principal";
import { responseFlags } from "@tandem/contracts/response-flags";
import { z } from "zod";
import { commonFields, count, originFields, peerFields } from "./line-fields.ts";

const effect = z.enum(["allow", "deny"]);
const milliseconds = () => z.number().nonnegative();

const attempt = z.strictObject({
  target: z.string().meta({ description: "The service, or routing-gateway." }),
  instance: z.string(),
  reason: z.enum(["retry", "hedge"]).optional().meta({ description: "Where it was not the first." }),
  outcome: z.enum(["answered", "refused", "timeout", "reset", "aborted"]).optional(),
  expired: z
    .enum(["connect", "first-byte", "idle", "try", "total"])
    .optional()
    .meta({ description: "Which time ran out." }),
  withheld: z
    .enum(["budget", "deadline", "retry-after", "no-instance", "breaker-open", "overloaded"])
    .optional()
    .meta({ description: "Why no other followed." }),
  status: count().optional(),
  ms: milliseconds().optional(),
});

/** The line of one request in one tier. */
export const requestLine = z.strictObject({
  ...commonFields("request"),
  ...originFields,
  "event.outcome": z
    .enum(["success", "failure"])
    .meta({ description: "failure: 400 and above, or not answered in full." }),
  "event.duration": count().meta({ description: "Nanoseconds from beginning to end." }),
  "http.request.id": z.string().meta({ description: "Ours; in the answer as x-request-id." }),
  "tandem.client_request_id": z.string().optional().meta({ description: "The client's own, if it sent a sane one." }),
  "trace.id": z.string().regex(/^[0-9a-f]{32}$/),
  "span.id": z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .meta({ description: "This tier's span." }),
  "tandem.sampled": z.boolean().meta({ description: "The trace was chosen at its start." }),
  ...peerFields,
  "http.request.method": z.string().optional(),
  "url.domain": z.string().optional().meta({ description: "In normal form, without the port." }),
  "url.path": z.string().optional().meta({ description: "In normal form." }),
  "url.original": z
    .string()
    .optional()
    .meta({ description: "Instead, where hygiene refused it: as it was sent, up to the query." }),
  "url.scheme": z.enum(["http", "https"]).optional().meta({ description: "That the client itself used." }),
  "http.version": z.string().optional(),
  "http.response.status_code": count()
    .optional()
    .meta({ description: "Absent when the client left before there was one." }),
  "http.request.body.bytes": count(),
  "http.response.body.bytes": count(),
  "user.id": z.string().optional().meta({ description: "Whom the caller proved to be; anonymous without a proof." }),
  "tandem.client": z.string().optional().meta({ description: "The client that the caller used." }),
  "tandem.authenticated_by": z.enum(authenticationMethods).optional(),
  "user_agent.original": z.string().optional(),
  "tandem.route": z.string().optional().meta({ description: "Its name; the security tier knows none." }),
  "tandem.decision": effect.optional().meta({ description: "Of the policy." }),
  "tandem.rule": z.string().optional().meta({ description: "The one that decided." }),
  "tandem.reason": z.string().optional().meta({ description: "Of a refusal." }),
  "tandem.missing": z.array(z.string()).optional().meta({ description: "Scopes that the caller lacks." }),
  "tandem.nearest": z
    .array(z.strictObject({ rule: z.string(), missed: z.array(z.string()) }))
    .optional()
    .meta({ description: "The rules that came nearest, and what each missed." }),
  "tandem.shadows": z
    .array(z.strictObject({ policy: z.string(), rule: z.string(), effect }))
    .optional()
    .meta({ description: "Policies that are only watched and would have decided otherwise, 50 at most." }),
  "tandem.first_byte_ms": milliseconds().optional().meta({ description: "Until the head of the upstream's answer." }),
  "tandem.phases_ms": z
    .record(z.string(), milliseconds())
    .optional()
    .meta({ description: "Each stage, in order; absent where none was entered." }),
  "tandem.upstream_ms": milliseconds().optional().meta({ description: "What all attempts took, added up." }),
  "tandem.attempts": z.array(attempt).min(1).optional(),
  "tandem.upgrade": z.string().optional().meta({ description: "What the client asked to change to." }),
  "tandem.tunnel_end": z.enum(["idle", "age", "drain"]).optional().meta({ description: "Why we ended a WebSocket." }),
  "tandem.ending": z
    .enum(["client-left", "broken-off"])
    .optional()
    .meta({ description: "Absent when the answer was given in full." }),
  "tandem.flags": z
    .array(z.enum(Object.keys(responseFlags)))
    .min(1)
    .optional()
    .meta({ description: "What was out of the ordinary." }),
  "error.code": z.enum(Object.keys(problems)).optional().meta({ description: "Of the problem." }),
  "error.message": z.string().optional().meta({ description: "Why, of 5xx: down to the root, secrets taken out." }),
  "error.stack_trace": z.string().optional().meta({ description: "Where the bug is ours." }),
  "tandem.sample_rate": z
    .number()
    .positive()
    .max(1)
    .optional()
    .meta({ description: "Only such a share of requests like this one is written." }),
});
