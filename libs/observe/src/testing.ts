import { RequestRecord } from "@tandem/kernel/record";

export const traceId = "0af7651916cd43dd8448eb211c80319c";
/** 14 November 2023, a quarter of a millisecond past 22:13:20.123. */
export const epoch = 1_700_000_000_123.25;

/** A request as the routing tier has it at the end: let through, tried twice, answered. */
export function answeredRecord(more: Partial<RequestRecord> = {}): RequestRecord {
  const record = new RequestRecord(epoch);
  record.attempts.push(
    {
      target: "orders",
      instance: "orders-1",
      spanId: "1111111111111111",
      startedAt: 1.5,
      endedAt: 2.5,
      outcome: "refused",
    },
    {
      target: "orders",
      instance: "orders-2",
      spanId: "2222222222222222",
      startedAt: 2.75,
      firstByteAt: 10.25,
      endedAt: 11.75,
      status: 200,
      outcome: "answered",
    },
  );
  record.phases.push("begin", "hygiene", "acceptAssertion", "matchRoute", "authorize", "proxy");
  record.phaseTimes.push(0, 0.01, 0.1, 1.25, 1.3, 1.4);
  return Object.assign(record, {
    id: "abcdefghijklmnopqrstuvwxyz",
    trace: {
      traceId,
      spanId: "aaaaaaaaaaaaaaaa",
      parentSpanId: "eeeeeeeeeeeeeeee",
      sampled: true,
      random: true,
    },
    method: "GET",
    target: "/orders/7?token=hunter2",
    path: "/orders/7",
    host: "api.example.test",
    protocol: "1.1",
    userAgent: "curl/8.5",
    peer: { address: "192.0.2.7", port: 41000 },
    clientAddress: "203.0.113.9",
    principal: { subject: "demo", client: "demo-app", scopes: [], roles: [], method: "jwt" },
    route: "orders-read",
    routePattern: "/orders/**",
    service: "orders",
    decision: { effect: "allow", rule: "scopes", reason: "the caller holds orders:read" },
    status: 200,
    bytesIn: 0,
    bytesOut: 1024,
    firstByteAt: 10.3,
    duration: 12.5,
    ...more,
  });
}

/** The same request refused by the policy, so that nothing was tried. */
export function deniedRecord(more: Partial<RequestRecord> = {}): RequestRecord {
  const record = answeredRecord({
    status: 403,
    error: "access.denied",
    duration: 2,
    firstByteAt: undefined,
    decision: { effect: "deny", rule: "scopes", reason: "orders:read is missing", missing: ["orders:read"] },
    ...more,
  });
  record.attempts.length = 0;
  record.phases.pop();
  record.phaseTimes.pop();
  return record;
}
