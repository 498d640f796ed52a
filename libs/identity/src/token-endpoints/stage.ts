import { GatewayError } from "@tandem/contracts/errors";
import { answerWithExpress, createExpressApp, exchangeOfRequest } from "@tandem/kernel/express/express-app";
import type { Exchange } from "@tandem/kernel/exchange";
import type { Stage } from "@tandem/kernel/stage";
import type { RequestHandler, Response } from "express";
import { endpoints, metadataOf } from "./metadata.ts";
import { OAuthError } from "./oauth-error.ts";
import { readForm } from "./read-form.ts";
import { tokenService, type TokenParts } from "./token-request.ts";

const paths: ReadonlySet<string> = new Set(Object.values(endpoints));

/** Answers the token endpoint, the key set and the metadata of our own issuer; every other path passes by. */
export function tokenEndpoints(parts: TokenParts): Stage {
  const { issuer } = parts;
  const grantToken = tokenService(parts);
  const metadata = metadataOf(issuer.options.issuer);

  const grant = async (exchange: Exchange, response: Response): Promise<void> => {
    const form = await readForm(exchange);
    const authorization = exchange.request.values("authorization");
    const granted = await grantToken({ authorization, form, address: exchange.request.clientAddress });
    if (isTooLate(exchange)) return;
    exchange.principal = granted.principal;
    exchange.record.decision = { effect: "allow", rule: endpoints.token, reason: granted.reason };
    response.json(granted.answer);
  };
  const answerToken: RequestHandler = (request, response) => {
    const exchange = exchangeOfRequest(request);
    grant(exchange, response)
      .catch((error: unknown) => refuse(exchange, response, error))
      .catch((error: unknown) => exchange.fail(error));
  };

  const app = createExpressApp((router) => {
    router.route(endpoints.token).post(noStore, answerToken).all(only("POST"));
    router.get(endpoints.keys, (_, response) => {
      const keys = issuer.keys.all.map(({ publicJwk }) => publicJwk);
      publish(response).type("application/jwk-set+json").send(JSON.stringify({ keys }));
    });
    router.get(endpoints.metadata, (_, response) => void publish(response).json(metadata));
    router.all([endpoints.keys, endpoints.metadata], only("GET, HEAD"));
  });

  return {
    name: "tokenEndpoints",
    run(exchange) {
      if (paths.has(exchange.request.path)) answerWithExpress(exchange, `answer ${exchange.request.path}`, app);
    },
  };
}

const noStore: RequestHandler = (_, response, next) => {
  response.set({ "cache-control": "no-store", pragma: "no-cache" });
  next();
};

/** Not for long: whoever keeps the keys has to learn of a new one. */
const publish = (response: Response): Response => response.set("cache-control", "public, max-age=60");

const only =
  (allow: string): RequestHandler =>
  () => {
    throw new GatewayError("route.method", { headers: { allow } });
  };

/** While we waited, the client left or was told something else: a timeout above all. */
const isTooLate = ({ over, reply }: Exchange): boolean => over || reply.started;

/** RFC 6749 §5.2; what is no OAuth error goes to the one writer of problems. */
function refuse(exchange: Exchange, response: Response, error: unknown): void {
  if (!(error instanceof OAuthError)) throw error;
  if (isTooLate(exchange)) return;
  const { code, status, headers, message } = error;
  exchange.record.decision = { effect: "deny", rule: endpoints.token, reason: `${code}: ${message}` };
  if (status === 429) exchange.record.error = "token.throttled";
  // Nobody will read the rest of this body: the connection cannot carry another request.
  if (response.req.httpVersionMajor === 1 && !response.req.complete) response.set("connection", "close");
  response.status(status).set(headers).json({ error: code, error_description: message });
}
