import { GatewayError } from "@tandem/contracts/errors";
import { answerWithExpress, createExpressApp } from "@tandem/kernel/express/express-app";
import type { Stage } from "@tandem/kernel/stage";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Store } from "@tandem/platform/store/store";
import type { RequestHandler, Response } from "express";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import { clientAuthentication } from "./client-authentication.ts";
import { formEndpoint } from "./form-endpoint.ts";
import { endpoints, metadataOf } from "./metadata.ts";
import { tokenService } from "./token-request.ts";

interface TokenParts {
  readonly issuer: EmbeddedIssuer;
  readonly store: Store;
  readonly clock?: Clock;
}

const paths: ReadonlySet<string> = new Set(Object.values(endpoints));

/** Answers the endpoints, the key set and the metadata of our own issuer; every other path passes by. */
export function tokenEndpoints({ issuer, store, clock = systemClock }: TokenParts): Stage {
  const issuing = { issuer, store, clock };
  const authenticated = clientAuthentication(issuing);
  const metadata = metadataOf(issuer.options.issuer);
  const services = [[endpoints.token, tokenService(issuing, authenticated)]] as const;

  const app = createExpressApp((router) => {
    for (const [path, serve] of services) router.route(path).post(formEndpoint(path, serve)).all(only("POST"));
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

/** Not for long: whoever keeps the keys has to learn of a new one. */
const publish = (response: Response): Response => response.set("cache-control", "public, max-age=60");

const only =
  (allow: string): RequestHandler =>
  () => {
    throw new GatewayError("route.method", { headers: { allow } });
  };
