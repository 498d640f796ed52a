import type { Clock } from "@tandem/platform/clock";
import type { ClientOptions } from "../issuers/config.ts";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import type { TokenAnswer } from "./access-token.ts";
import type { Form } from "./read-form.ts";

interface Surroundings {
  readonly issuer: EmbeddedIssuer;
  readonly clock: Clock;
}

/** One way to a token, for a client that has proved itself. */
export type Grant = (form: Form, client: ClientOptions, surroundings: Surroundings) => Promise<TokenAnswer>;
