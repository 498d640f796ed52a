import { request as send, Agent } from "node:http";
import type { Secret } from "@tandem/platform/config/secret";
import type { RequestHandler, Response } from "express";
import type { AdminSection } from "./admin.ts";

/** All that another plane is asked for on behalf of ours; each of them only tells. */
const passedOn = ["/requests", "/requests/:id", "/traces/:id", "/pools", "/rates"];

/** How long another plane may take for all of its answer, in milliseconds: whoever looks at a page waits no longer. */
const patience = 800;
const mostBytes = 16 * 1024 * 1024;

/** An id of ours, and a query that says no more than which part of a list is wanted. */
const anId = /^[\w-]{1,64}$/;
const aQuery = /^\?[\w=&.-]{1,200}$/;

interface BesideParts {
  /** As configured; nobody who asks can name another. */
  readonly planes: readonly string[];
  readonly token: Secret;
}

/**
 * Asks the planes beside this one for whoever holds the token, with the same token: a web page may ask its own origin
 * only. `/beside` lists them, `/beside/0/pools` is what the first says of its pools.
 */
export function besideSections({ planes, token }: BesideParts): AdminSection[] {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, maxFreeSockets: 4 });
  const authorization = `Bearer ${token.reveal()}`;
  const relay =
    (pattern: string): RequestHandler =>
    async (request, response, next) => {
      const [index, id] = [String(request.params["plane"]), String(request.params["id"] ?? "")];
      const plane = /^\d$/.test(index) ? planes[Number(index)] : undefined;
      if (plane === undefined || (pattern.includes(":id") && !anId.test(id))) return next();
      const [query = ""] = /\?.*$/.exec(request.originalUrl) ?? [];
      const url = plane + pattern.replace(":id", id) + (aQuery.test(query) ? query : "");
      answer(response, await ask(url, { agent, authorization }), hostOf(plane));
    };
  return [
    { path: "/beside", handler: (_, response) => void response.json({ planes: planes.map(hostOf) }) },
    ...passedOn.map((path) => ({ path: `/beside/:plane${path}`, handler: relay(path) })),
  ];
}

const hostOf = (plane: string): string => plane.slice("http://".length);

/** What came back, or in a few words why nothing did. */
type Asked = { readonly status: number; readonly text: string } | { readonly trouble: string };

function ask(url: string, { agent, authorization }: { agent: Agent; authorization: string }): Promise<Asked> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(patience);
    const fail = (error: Error): void =>
      resolve({ trouble: signal.aborted ? `does not answer within ${patience} ms` : troubleOf(error) });
    const asked = send(url, { agent, signal, headers: { authorization } }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on("error", fail);
      response.on("data", (part: Buffer) => {
        parts.push(part);
        if ((bytes += part.length) > mostBytes) response.destroy(new Error("answers with more than 16 MB"));
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
    });
    asked.on("error", fail);
    asked.end();
  });
}

const troubleOf = (error: Error & { code?: string }): string =>
  error.code === "ECONNREFUSED" ? "is not there" : error.code ? `cannot be asked: ${error.code}` : error.message;

/** Its JSON as it is, also that it has no such thing; what it says else is ours to put into words. */
function answer(response: Response, asked: Asked, host: string): void {
  const refuse = (trouble: string): void =>
    void response
      .status(502)
      .type("application/problem+json")
      .json({ title: `${host} ${trouble}`, status: 502 });
  if ("trouble" in asked) return refuse(asked.trouble);
  const { status, text } = asked;
  if (status === 401) return refuse("does not accept this plane's token");
  if (status !== 200 && status !== 404) return refuse(`answers ${status}`);
  if (!isJson(text)) return refuse("answers with something that is no JSON: is it an admin plane of Tandem?");
  response
    .status(status)
    .type(status === 200 ? "application/json" : "application/problem+json")
    .send(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
