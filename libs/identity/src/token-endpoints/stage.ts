import { GatewayError } from "@tandem/contracts/errors";
import { answerWithExpress, createExpressApp } from "@tandem/kernel/express/express-app";
import type { Stage } from "@tandem/kernel/stage";
import type { Response } from "express";
import { formEndpoint } from "./form-endpoint.ts";
import { endpoints, metadataOf } from "./metadata.ts";
import { servicesOf, type TokenParts } from "./services.ts";

const published = ["GET", "HEAD"];
const methods: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(endpoints).map((path) => [path, path.startsWith("/.well-known/") ? published : ["POST"]]),
);

/** Answers the endpoints, the key set and the metadata of our own issuer; every other path passes by. */
export function tokenEndpoints(parts: TokenParts): Stage {
  const { issuer } = parts;
  const metadata = metadataOf(issuer.options, { proofs: parts.proofs !== undefined });

  const app = createExpressApp((router) => {
    for (const [path, serve] of servicesOf(parts)) router.post(path, formEndpoint(path, serve));
    router.get(endpoints.keys, (_, response) => {
      const keys = issuer.keys.all.map(({ publicJwk }) => publicJwk);
      publish(response).type("application/jwk-set+json").send(JSON.stringify({ keys }));
    });
    router.get(endpoints.metadata, (_, response) => void publish(response).json(metadata));
  });

  return {
    name: "tokenEndpoints",
    run(exchange) {
      const { path, method } = exchange.request;
      const taken = methods.get(path);
      if (!taken) return;
      if (exchange.request.upgrade === undefined && !taken.includes(method))
        throw new GatewayError("route.method", { headers: { allow: taken.join(", ") } });
      answerWithExpress(exchange, `answer ${path}`, app);
    },
  };
}

/** Not for long: whoever keeps the keys has to learn of a new one. */
const publish = (response: Response): Response => response.set("cache-control", "public, max-age=60");
