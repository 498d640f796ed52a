import type { Condition, Confirmation } from "../authenticate/verified.ts";
import type { DpopProofs } from "../dpop/dpop-proofs.ts";
import type { ClientOptions } from "../issuers/config.ts";
import type { Issuing, TokenAnswer } from "./access-token.ts";
import type { FormRequest } from "./form-endpoint.ts";
import type { RefreshFamilies } from "./refresh-families.ts";
import type { SubjectTokens } from "./subject-tokens.ts";

/** What a client asks for that has proved itself. */
export interface GrantRequest extends FormRequest {
  readonly client: ClientOptions;
  /** What it shows to hold beside that: what it is given is bound to it. */
  readonly shown?: Confirmation | undefined;
}

/** What grants work with. */
export interface Granting extends Issuing {
  readonly families: RefreshFamilies;
  readonly subjects: SubjectTokens;
  /** What must hold of everything that a token is given for, now and whenever it is renewed. */
  readonly conditions: readonly Condition[];
  /** Without them no token is bound to a key. */
  readonly proofs?: DpopProofs | undefined;
}

/** The answer to a token request, with what some grants add to it. */
export interface GrantAnswer extends TokenAnswer {
  readonly refresh_token?: string;
  readonly issued_token_type?: string;
}

/** One way to a token. */
export type Grant = (asked: GrantRequest, granting: Granting) => Promise<GrantAnswer>;
