import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import type { Store } from "@tandem/platform/store/store";
import { OwnStrategy } from "../authenticate/own-strategy.ts";
import type { Kind } from "../authenticate/strategy.ts";
import { tokenError } from "../authenticate/token-error.ts";
import type { Verified } from "../authenticate/verified.ts";
import type { IssuerOptions } from "../issuers/config.ts";
import { isMarkedAsOurs } from "./kept-token.ts";
import { ownTokens, type OpaqueText } from "./own-tokens.ts";
import { RemoteTokens } from "./remote-tokens.ts";

type Judge = (token: OpaqueText) => Promise<Verified>;

interface Judges {
  /** Who judges the tokens that we issued; nothing where we issue none. */
  readonly own?: Judge | undefined;
  /** Who judges those of others. */
  readonly remote?: Judge | undefined;
}

interface Surroundings {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The kind, where one of the issuers stands for opaque tokens; without it they are malformed JWTs. */
export function opaqueKinds(issuers: readonly IssuerOptions[], { store, clock, logger }: Surroundings): Kind[] {
  const judges: { own?: Judge; remote?: Judge } = {};
  for (const issuer of issuers) {
    if (issuer.type === "embedded") {
      const own = ownTokens({ issuer, store, clock });
      judges.own = async (token) => (await own(token)).verified;
    }
    if (issuer.type === "introspection") {
      const remote = new RemoteTokens({ issuer, clock, logger: logger.child({ issuer: issuer.name }) });
      judges.remote = (token) => remote.judge(token);
    }
  }
  return judges.own || judges.remote ? [opaqueKind(judges)] : [];
}

/** What refresh tokens and API keys begin with. Whoever takes one for an access token is mistaken, and no server should get to see it. */
const otherSecrets = /^td[rm]_/;

/** Bearer tokens that say nothing. What is marked as ours is asked of nobody else, so that no other server gets to see it. */
function opaqueKind({ own, remote }: Judges): Kind {
  const strategy = new OwnStrategy((token) => {
    if (otherSecrets.test(token.text)) throw tokenError("token.malformed", "it is another kind of secret");
    const judge = own && isMarkedAsOurs(token.text) ? own : remote;
    if (!judge) throw tokenError("token.malformed", "it is neither a JWT nor one of ours");
    return judge(token);
  });
  // Nothing makes all verdicts void at once: what is taken back is told by its marks, with every request.
  return { name: "opaque", strategy, onChange: () => {} };
}
