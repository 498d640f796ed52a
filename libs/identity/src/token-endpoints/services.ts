import { systemClock, type Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Store } from "@tandem/platform/store/store";
import { confirmed } from "../authenticate/confirmed.ts";
import type { Kind } from "../authenticate/strategy.ts";
import type { DpopProofs } from "../dpop/dpop-proofs.ts";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { clientAuthentication } from "./client-authentication.ts";
import type { FormRequest, Served } from "./form-endpoint.ts";
import type { Granting } from "./grant.ts";
import { introspectionService } from "./introspection.ts";
import { endpoints } from "./metadata.ts";
import { RefreshFamilies } from "./refresh-families.ts";
import { revocationService } from "./revocation.ts";
import { subjectTokens } from "./subject-tokens.ts";
import { tokenService } from "./token-request.ts";

/** What the endpoints work with. */
export interface TokenParts {
  readonly issuer: EmbeddedIssuer;
  readonly store: Store;
  /** Without them what was issued cannot be taken back, beside refresh tokens. */
  readonly revocations?: Revocations;
  /** What can be exchanged for a token, as far as it can be: what `authenticate` takes. */
  readonly kinds?: readonly Kind[];
  /** Without them no token is bound to a key. */
  readonly proofs?: DpopProofs;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

type Service = readonly [path: string, serve: (asked: FormRequest) => Promise<Served>];

/** Every endpoint that a client asks with a form, without its HTTP. */
export function servicesOf(parts: TokenParts): readonly Service[] {
  const { issuer, store, revocations, proofs, kinds = [], clock = systemClock, logger } = parts;
  const authenticated = clientAuthentication({ issuer, store, clock, logger, revocations });
  const granting: Granting = {
    issuer,
    store,
    clock,
    families: new RefreshFamilies({ issuer: issuer.options, store, clock, revocations }),
    subjects: subjectTokens({ kinds, store }),
    conditions: [confirmed, ...(revocations ? [revocations.condition] : [])],
    proofs,
  };
  return [
    [endpoints.token, tokenService(granting, authenticated)],
    [endpoints.introspection, introspectionService({ issuer, store, clock, revocations }, authenticated)],
    [endpoints.revocation, revocationService({ ...granting, revocations }, authenticated)],
  ];
}
