import { GatewayError, problems } from "@tandem/contracts/errors";
import type { ExplainedStep, Explanation, PlannedEnd } from "@tandem/contracts/explanation";
import { Exchange, type Given } from "../exchange.ts";
import { noReply } from "../no-reply.ts";
import { RequestRecord } from "../record.ts";
import type { RequestView } from "../request-view.ts";
import type { Stage } from "../stage.ts";
import { lackIn } from "./not-given.ts";

/** Runs the stages that serve on a request that nobody sent, up to where one would act; it answers, sends and spends nothing. */
export async function dryRun(stages: readonly Stage[], request: RequestView, given: Given = {}): Promise<Explanation> {
  const steps: ExplainedStep[] = [];
  let failure: unknown;
  const exchange = new Exchange({
    request,
    reply: noReply(),
    record: new RequestRecord(),
    transport: { kind: "dry", ...given },
    fail: (_, error) => void (failure = error),
  });
  let at = "";
  try {
    for (const stage of stages) {
      if (stage.idle) continue;
      at = stage.name;
      try {
        await stage.run(exchange);
      } catch (error) {
        exchange.fail(error);
      }
      const evidence = stage.explain?.(exchange);
      steps.push({ stage: at, ...(evidence !== undefined && { evidence }) });
      if (exchange.ended) break;
    }
  } finally {
    request.releaseRoom();
  }
  if (!exchange.ended) exchange.fail(new Error("no stage answered the request"));
  const { route, principal, record } = exchange;
  return {
    request: {
      method: request.method,
      scheme: request.scheme,
      host: request.host,
      path: request.path,
      clientAddress: request.clientAddress,
    },
    principal,
    ...(route && { route: route.name }),
    ...(record.decision && { decision: record.decision }),
    steps,
    end: failure === undefined ? { kind: "acts", stage: at, plan: exchange.planned ?? "" } : failedAt(at, failure),
  };
}

function failedAt(stage: string, failure: unknown): PlannedEnd {
  const lacks = lackIn(failure);
  if (lacks !== undefined) return { kind: "open", stage, lacks };
  const error = failure instanceof GatewayError ? failure : new GatewayError("server.error", { cause: failure });
  const { code, status, detail } = error;
  return { kind: "problem", stage, code, status, title: problems[code].title, ...(detail !== undefined && { detail }) };
}
