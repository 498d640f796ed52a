import type { ClientOptions } from "../issuers/config.ts";
import type { Issuing, TokenAnswer } from "./access-token.ts";
import type { Form } from "./read-form.ts";

/** One way to a token, for a client that has proved itself. */
export type Grant = (form: Form, client: ClientOptions, issuing: Issuing) => Promise<TokenAnswer>;
