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

  const grant = async (exchange: Exchange) => {
    const form = await readForm(exchange.request);
    const authorization = exchange.request.values("authorization");
    const granted = await grantToken({ authorization, form, address: exchange.request.clientAddress });
    exchange.principal = granted.principal;
    exchange.record.decision = { effect: "allow", rule: endpoints.token, reason: granted.reason };
    return granted.answer;
  };
  const answerToken: RequestHandler = (request, response) => {
    const exchange = exchangeOfRequest(request);
    grant(exchange)
      .then((answer) => response.json(answer))
      .catch((error: unknown) =>
        error instanceof OAuthError ? refuse(exchange, response, error) : exchange.fail(error),
      );
  };

  const app = createExpressApp((router) => {
    router.route(endpoints.token).post(noStore, answerToken).all(only("POST"));
    router
      .route(endpoints.keys)
      .get((_, response) => {
        const keys = issuer.keys.all.map(({ publicJwk }) => publicJwk);
        publish(response).type("application/jwk-set+json").send(JSON.stringify({ keys }));
      })
      .all(only("GET, HEAD"));
    router
      .route(endpoints.metadata)
      .get((_, response) => void publish(response).json(metadata))
      .all(only("GET, HEAD"));
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

/** RFC 6749 §5.2; what is no OAuth error goes to the one writer of problems. */
function refuse({ record }: Exchange, response: Response, { code, status, headers, message }: OAuthError): void {
  record.decision = { effect: "deny", rule: endpoints.token, reason: `${code}: ${message}` };
  if (status === 429) record.error = "token.throttled";
  // Nobody will read the rest of this body: the connection cannot carry another request.
  if (response.req.httpVersionMajor === 1 && !response.req.complete) response.set("connection", "close");
  response.status(status).set(headers).json({ error: code, error_description: message });
}
