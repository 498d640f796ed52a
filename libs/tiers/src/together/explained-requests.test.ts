// An explanation is worth as much as it agrees with what happens: here both are held against each other, as both tiers run.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExplainAnswer, Explanation } from "@tandem/contracts/explanation";
import { checkBody } from "@tandem/kernel/admin/check-body";
import type { z } from "zod";
import { until } from "@tandem/platform/testing";
import { drawing } from "@tandem/platform/drawing.testing";
import { nextQuestion } from "../explain/next-question.ts";
import { dryRequestOf } from "../explain/dry-request.ts";
import { routingQuestion, securityQuestion, type RoutingQuestion, type SecurityQuestion } from "../explain/question.ts";
import type { RunningTier } from "../testing.ts";
import { lanes, startWorld } from "./explained-world.testing.ts";
import { drawRequest, questionOf, type RandomRequest } from "./random-requests.testing.ts";
import type { TestBed } from "./testing.ts";
import { openClient, type Answer } from "./send-request.testing.ts";

const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1e9));
const count = Number(process.env["REQUESTS"] ?? 10_000);

type Line = Readonly<Record<string, any>>;

interface Explained {
  readonly security: Explanation;
  /** Where the security tier would send it on. */
  readonly routing: Explanation | undefined;
}

interface Happened extends Explained {
  readonly request: RandomRequest;
  readonly answer: Answer;
}

type Ask = (tier: RunningTier, question: object) => Promise<Explanation>;

/** As an operator asks. */
const overThePlane: Ask = async (tier, question) => {
  const answer = await tier.admin("/explain", { method: "POST", body: JSON.stringify(question) });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  assert.doesNotMatch(text, /eyJ/, "a token left in an answer");
  const { explanation }: ExplainAnswer = JSON.parse(text);
  return explanation;
};

/** The same without the plane, which takes longer than all the rest. */
const atOnce: Ask = (tier, question) => {
  const schema = "vouched" in question ? routingQuestion : securityQuestion;
  const { view, given } = dryRequestOf(checkBody<z.ZodType<SecurityQuestion & RoutingQuestion>>(schema, question));
  return tier.gateway.explain(view, given);
};

async function explain({ security, routing }: TestBed, request: RandomRequest, ask: Ask): Promise<Explained> {
  const question = questionOf(request);
  const first = await ask(security, question);
  const next = nextQuestion(checkBody(securityQuestion, question), first);
  return { security: first, routing: next && (await ask(routing, next)) };
}

const evidenceOf = ({ steps }: Explanation, stage: string): any => steps.find((step) => step.stage === stage)?.evidence;

/** What an explanation foresees, as far as it foresees one thing. */
function foreseen({ security, routing }: Explained): Record<string, unknown> {
  const last = routing ?? security;
  const told = {
    caller: security.principal.subject,
    route: routing?.route,
    decision: routing?.decision?.effect,
    rule: routing?.decision?.rule,
  };
  if (last.end.kind === "open") return { ...told, open: last.end.lacks };
  if (last.end.kind === "problem") return { ...told, status: last.end.status, code: last.end.code };
  if (last.end.stage === "tokenEndpoints") return { ...told, by: "the security tier" };
  if (last.end.stage === "redirect") {
    const { status, location, query } = evidenceOf(last, "redirect");
    const keeps = query === "kept" && (evidenceOf(last, "hygiene")?.query.length ?? 0) > 0;
    return { ...told, status, location, query: keeps };
  }
  const { service, path, next } = evidenceOf(last, "proxy");
  const drawnFrom = evidenceOf(last, "split")?.drawnFrom;
  const certain = next.instances.length === 1 && /^(?:it is its turn$|its )/.test(next.because);
  return { ...told, path, ...(drawnFrom ? {} : { service, ...(certain && { instance: next.instances[0] }) }) };
}

/** Of one request. */
interface Lines {
  readonly security: Line;
  readonly routing: Line | undefined;
}

/** The same of what happened, by the answer and by the lines of both tiers. */
function happened({ answer }: Happened, { security, routing }: Lines, expected: Record<string, unknown>) {
  const json =
    /json/.test(String(answer.headers["content-type"])) && answer.text !== "" ? JSON.parse(answer.text) : undefined;
  const [attempt] = routing?.["tandem.attempts"] ?? [];
  const seen: Record<string, unknown> = {
    // What the listener refuses has no caller yet.
    caller: security["user.id"] ?? "anonymous",
    route: routing?.["tandem.route"],
    decision: routing?.["tandem.decision"],
    rule: routing?.["tandem.rule"],
    status: answer.status,
    code: json?.type?.replace("urn:tandem:problem:", "") ?? security["error.code"] ?? routing?.["error.code"],
    location: answer.headers["location"]?.split("?")[0],
    query: /\?./.test(answer.headers["location"] ?? ""),
    by: routing ? "both" : "the security tier",
    service: attempt?.target,
    instance: attempt?.instance,
    path: json?.url?.split("?")[0],
  };
  // An answer without a body tells no path.
  if (seen["path"] === undefined && attempt) seen["path"] = expected["path"];
  return Object.fromEntries(Object.keys(expected).map((key) => [key, seen[key]]));
}

/** Without what it proves itself with: the caller has a name. */
const shown = ({ headers, ...request }: RandomRequest) => {
  const open = headers.filter(([name]) => name !== "authorization" && name !== "x-api-key" && name !== "dpop");
  return JSON.stringify({ ...request, headers: open });
};

const byId = (lines: readonly Line[]): Map<string, Line> =>
  new Map(
    lines.filter((line) => line["event.dataset"] === "tandem.request").map((line) => [line["http.request.id"], line]),
  );

test(`what is explained is what happens, for ${count} random requests`, { timeout: 600_000 }, async (t) => {
  t.diagnostic(`SEED=${seed}`);
  const world = await startWorld(t);
  const { bed } = world;
  const all: Happened[] = [];
  const [began, spent] = [performance.now(), process.cpuUsage()];
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const draw = drawing(seed + lane);
      const client = openClient(bed.security.port, bed.tls());
      t.after(() => client.close());
      const sessions: string[] = [];
      for (let turn = 0; turn < count / lanes; turn++) {
        const request = drawRequest(draw, world, { lane, sessions });
        const explained = await explain(bed, request, turn % 20 === 0 ? overThePlane : atOnce);
        const answer = await client.send(request).catch((cause: unknown) => {
          throw new Error(`no answer to ${shown(request)}`, { cause });
        });
        const [cookie] = answer.headers["set-cookie"] ?? [];
        if (cookie && sessions.length < 9) sessions.push(cookie.split(";")[0]!);
        all.push({ ...explained, request, answer });
      }
    }),
  );
  const { user, system } = process.cpuUsage(spent);
  t.diagnostic(
    `${all.length} requests in ${Math.round(performance.now() - began)} ms, ${Math.round((user + system) / 1000)} ms of them at work`,
  );
  const ids = all.map(({ answer }) => String(answer.headers["x-request-id"]));
  const isLogged = (): boolean => {
    const [first, second] = [byId(bed.security.lines), byId(bed.routing.lines)];
    return all.every(({ routing }, index) => first.has(ids[index]!) && (!routing || second.has(ids[index]!)));
  };
  // Whatever is still missing shows as a difference.
  await until("every request has its lines", isLogged).catch(() => {});
  const [security, routing] = [byId(bed.security.lines), byId(bed.routing.lines)];
  const differences: object[] = [];
  const outcomes = new Map<string, number>();
  for (const [index, one] of all.entries()) {
    const expected = foreseen(one);
    const seen = happened(one, { security: security.get(ids[index]!)!, routing: routing.get(ids[index]!) }, expected);
    const outcome = [one.answer.status, seen["code"]].filter(Boolean).join(" ");
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    // Without undefined: where nothing is foreseen nothing may be seen.
    if (JSON.stringify(expected) !== JSON.stringify(seen))
      differences.push({ expected, seen, request: shown(one.request) });
  }
  t.diagnostic([...outcomes].map(([outcome, times]) => `${outcome}: ${times}`).join(", "));
  assert.deepEqual(differences.slice(0, 5), [], `${differences.length} differences with SEED=${seed}`);
  assert.ok(outcomes.size > 15, "the requests are too much alike");
});
