import { GatewayError } from "@tandem/contracts/errors";
import { answerWithExpress, createExpressApp } from "@tandem/kernel/express/express-app";
import type { Stage } from "@tandem/kernel/stage";
import type { RequestHandler, Response } from "express";
import { formEndpoint } from "./form-endpoint.ts";
import { endpoints, metadataOf } from "./metadata.ts";
import { servicesOf, type TokenParts } from "./services.ts";

const paths: ReadonlySet<string> = new Set(Object.values(endpoints));

/** Answers the endpoints, the key set and the metadata of our own issuer; every other path passes by. */
export function tokenEndpoints(parts: TokenParts): Stage {
  const { issuer } = parts;
  const metadata = metadataOf(issuer.options, { proofs: parts.proofs !== undefined });

  const app = createExpressApp((router) => {
    for (const [path, serve] of servicesOf(parts)) router.route(path).post(formEndpoint(path, serve)).all(only("POST"));
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
