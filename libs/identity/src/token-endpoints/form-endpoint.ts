import type { Principal } from "@tandem/contracts/principal";
import { exchangeOfRequest } from "@tandem/kernel/express/express-app";
import type { Exchange } from "@tandem/kernel/exchange";
import type { RequestView } from "@tandem/kernel/request-view";
import { StoreUnavailable } from "@tandem/platform/store/store";
import type { RequestHandler, Response } from "express";
import { unavailable } from "../unavailable.ts";
import { OAuthError } from "./oauth-error.ts";
import { readForm, type Form } from "./read-form.ts";

/** What is asked of an endpoint; whoever asks has proved nothing yet. */
export interface FormRequest {
  readonly form: Form;
  readonly request: RequestView;
}

/** What the client is told, and what the record says of it. */
export interface Served {
  readonly answer: object;
  readonly principal: Principal;
  readonly reason: string;
}

/** Makes a service an endpoint that takes a form and answers with JSON, or with an error of RFC 6749 §5.2. */
export function formEndpoint(path: string, serve: (asked: FormRequest) => Promise<Served>): RequestHandler {
  const answer = async (exchange: Exchange, response: Response): Promise<void> => {
    const form = await readForm(exchange);
    const served = await serve({ form, request: exchange.request });
    if (isTooLate(exchange)) return;
    exchange.principal = served.principal;
    exchange.record.decision = { effect: "allow", rule: path, reason: served.reason };
    response.json(served.answer);
  };
  const refuse = (exchange: Exchange, response: Response, error: unknown): void => {
    if (error instanceof StoreUnavailable) throw unavailable(error);
    // What is no OAuth error goes to the one writer of problems.
    if (!(error instanceof OAuthError)) throw error;
    if (isTooLate(exchange)) return;
    const { code, status, headers, message, detail = message } = error;
    exchange.record.decision = { effect: "deny", rule: path, reason: `${code}: ${detail}` };
    if (status === 429) exchange.record.error = "token.throttled";
    // Nobody will read the rest of this body: the connection cannot carry another request.
    if (response.req.httpVersionMajor === 1 && !response.req.complete) response.set("connection", "close");
    response.status(status).set(headers).json({ error: code, error_description: message });
  };
  return (request, response) => {
    const exchange = exchangeOfRequest(request);
    response.set({ "cache-control": "no-store", pragma: "no-cache" });
    answer(exchange, response)
      .catch((error: unknown) => refuse(exchange, response, error))
      .catch((error: unknown) => exchange.fail(error));
  };
}

/** While we waited, the client left or was told something else: a timeout above all. */
const isTooLate = ({ over, reply }: Exchange): boolean => over || reply.started;
