import { GatewayError } from "@tandem/contracts/errors";
import type { Stage } from "@tandem/kernel/stage";
import { BoundedBody } from "./bounded-body.ts";
import type { BodyLimitOptions } from "./config.ts";
import { decide } from "./decide.ts";

/**
 * Refuses bodies beyond a limit. A body that declares its length is held to it by the HTTP parser and passes untouched;
 * one that does not is counted on its way, and whoever reads it meets the error instead of its end.
 */
export function bodyLimit({ limit }: BodyLimitOptions): Stage {
  const tooLarge = (): GatewayError =>
    new GatewayError("body.too-large", { detail: `at most ${limit} bytes are accepted`, members: { limit } });
  return {
    name: "bodyLimit",
    run({ request, transport }) {
      if (!request.body) return;
      const verdict = decide(request.header("content-length"), limit);
      if (verdict === "refuse") throw tooLarge();
      // Nobody will read a dry run's body on its way, and all of it is here.
      if (verdict === "count" && transport.kind === "dry" && (transport.content?.length ?? 0) > limit) throw tooLarge();
      if (verdict === "count") request.body = new BoundedBody(request.body, limit, tooLarge);
    },
    explain: ({ request }) =>
      request.body && { limit, declared: request.header("content-length") ?? "nothing: it is counted as it comes" },
  };
}
