import { Exchange } from "@tandem/kernel/exchange";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { noReply } from "@tandem/kernel/no-reply";
import { RequestRecord } from "@tandem/kernel/record";
import { RequestView } from "@tandem/kernel/request-view";
import { compileAccess } from "@tandem/policy/authorize/compile-access";
import { decide } from "@tandem/policy/authorize/decide";
import type { RoutingConfig } from "../config.ts";
import { routingHygiene } from "../routing-hygiene.ts";
import { missedRoute } from "./missed-route.ts";
import { createRouteTable } from "@tandem/upstream/routes/route-table";
import { matchRoute } from "@tandem/upstream/routes/stage";
import type { PolicyCase } from "./policy-cases.ts";

/** What became of one case. */
export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  /** What was decided, by what; and what was expected instead, or came nearest. */
  readonly says: readonly string[];
}

type Routing = Pick<RoutingConfig, "routes" | "policies" | "hygiene" | "listen">;

/** Runs cases through what serves requests: hygiene, the match of the route, the decision. Nothing is sent anywhere. */
export async function runPolicyCases(routing: Routing, cases: readonly PolicyCase[]): Promise<CaseResult[]> {
  const { routes, policies } = routing;
  const clean = hygiene(routingHygiene(routing));
  const table = createRouteTable(routes);
  const match = matchRoute(table);
  const plans = compileAccess(routes, policies);
  const results: CaseResult[] = [];
  for (const one of cases) {
    const exchange = exchangeOf(one);
    try {
      await clean.run(exchange);
      if (one.request.path === undefined) exchange.route = routes.find(({ name }) => name === one.route);
      else await match.run(exchange);
      const judged = judge(one, exchange, plans);
      results.push({ ...judged, says: [...judged.says, ...missedRoute(one, exchange, table)] });
    } catch (error) {
      // What refuses a request is told by its code; anything else is a fault of ours.
      if (!(error instanceof Error && "code" in error && error.name === "GatewayError")) throw error;
      const reached = `the request got no further than ${String(error.code)}`;
      // What hygiene refuses has no normal form to look a route up by.
      const missed = String(error.code).startsWith("route.") ? missedRoute(one, exchange, table) : [];
      results.push({ name: one.name, passed: false, says: [reached, ...missed] });
    }
  }
  return results;
}

function judge(one: PolicyCase, exchange: Exchange, plans: ReturnType<typeof compileAccess>): CaseResult {
  const { name, expect, rule, route, request } = one;
  const matched = exchange.route?.name ?? "";
  const plan = plans.get(matched);
  if (!plan) throw new Error(`no plan was compiled for the route ${matched}`);
  const now = request.time === undefined ? Date.now() : Date.parse(request.time);
  const decision = decide(plan, exchange, () => now);
  const wrong = [
    ...(route !== undefined && route !== matched ? [`expected the route ${route}`] : []),
    ...(decision.effect === expect ? [] : [`expected ${expect}`]),
    ...(rule !== undefined && decision.rule !== rule ? [`expected the rule ${rule}`] : []),
  ];
  const missing = decision.missing?.length ? [`missing ${decision.missing.join(", ")}`] : [];
  const misses = (decision.nearest ?? []).map((near) => `${near.rule} missed ${near.missed.join("; ")}`);
  const shadows = (decision.shadows ?? []).map(
    (shadow) => `in shadow: ${shadow.policy}/${shadow.rule} would ${shadow.effect}`,
  );
  const said = `${decision.effect} on ${matched} by ${decision.rule}`;
  const passed = wrong.length === 0;
  return { name, passed, says: [[said, ...wrong].join(", "), ...(passed ? [] : [...missing, ...misses]), ...shadows] };
}

function exchangeOf({ principal, request }: PolicyCase): Exchange {
  const { method, path = "/", host, headers, address } = request;
  const rawHeaders = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  );
  const view = new RequestView({
    method,
    target: path,
    protocol: "1.1",
    peer: { address, port: 0 },
    rawHeaders: ["host", host, ...rawHeaders],
  });
  const record = new RequestRecord();
  const exchange = new Exchange({
    request: view,
    reply: noReply(),
    record,
    transport: { kind: "dry" },
    fail: (_, error) => record.broke(error),
  });
  if (principal !== "anonymous") exchange.principal = principalOf(principal);
  return exchange;
}

function principalOf({
  client,
  tenant,
  issuer,
  audiences,
  ...known
}: Exclude<PolicyCase["principal"], "anonymous">): Exchange["principal"] {
  return {
    ...known,
    ...(client !== undefined && { client }),
    ...(tenant !== undefined && { tenant }),
    ...(issuer !== undefined && { issuer }),
    ...(audiences && { audiences }),
  };
}
