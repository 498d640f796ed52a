import type { Explanation } from "@tandem/contracts/explanation";
import type { z } from "zod";
import type { routingQuestion, SecurityQuestion } from "./question.ts";

/** Of these the security tier sends nothing on, and nobody is to be shown them who need not be. */
const ownOfTheFirst = new Set([
  "authorization",
  "x-api-key",
  "dpop",
  "expect",
  "te",
  "tandem-assertion",
  "tandem-client",
]);

/**
 * What the routing tier is to be asked, once the security tier has said that it would send a request on: the same
 * request without what was dropped, without any credential, and with the word for whom it vouches.
 */
export function nextQuestion(
  asked: SecurityQuestion,
  { request, principal, steps, end }: Explanation,
): z.input<typeof routingQuestion> | undefined {
  if (end.kind !== "acts" || end.stage !== "forward") return undefined;
  const dropped = droppedIn(steps.find(({ stage }) => stage === "hygiene")?.evidence);
  const headers = asked.headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !ownOfTheFirst.has(lower) && !dropped.has(lower);
  });
  const isFramed = headers.some(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name));
  // HTTP/2 frames a body without saying how long it is; between the tiers it is then sent in chunks.
  if (asked.protocol === "2" && asked.body && asked.body.length > 0 && !isFramed)
    headers.push(["transfer-encoding", "chunked"]);
  const { method, url, body, tls, protocol } = asked;
  const isSecure = request.scheme === "https";
  const sni = tls?.sni ?? (isSecure ? /^https:\/\/([a-z][^/?:]*)/i.exec(url)?.[1] : undefined);
  return {
    method,
    url,
    headers,
    ...(body && { body: { base64: body.toString("base64") } }),
    vouched: {
      principal,
      clientAddress: request.clientAddress,
      scheme: isSecure ? "https" : "http",
      protocol,
      ...(isSecure && { tls: tls?.version ?? "TLSv1.3" }),
      ...(sni !== undefined && { sni }),
    },
  };
}

function droppedIn(evidence: unknown): ReadonlySet<string> {
  if (typeof evidence !== "object" || evidence === null || !("dropped" in evidence)) return new Set();
  return new Set(Array.isArray(evidence.dropped) ? evidence.dropped.map(String) : []);
}
