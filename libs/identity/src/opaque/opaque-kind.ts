import { OwnStrategy } from "../authenticate/own-strategy.ts";
import type { Kind } from "../authenticate/strategy.ts";
import { tokenError } from "../authenticate/token-error.ts";
import type { Verified } from "../authenticate/verified.ts";
import { isMarkedAsOurs } from "./kept-token.ts";
import type { OpaqueText } from "./own-tokens.ts";

type Judge = (token: OpaqueText) => Promise<Verified>;

interface OpaqueKindOptions {
  /** Who judges the tokens that we issued; nothing where we issue none. */
  readonly own?: Judge | undefined;
  /** Who judges those of others. */
  readonly remote?: Judge | undefined;
}

/** Bearer tokens that say nothing. What is marked as ours is asked of nobody else, so that no other server gets to see it. */
export function opaqueKind({ own, remote }: OpaqueKindOptions): Kind {
  const strategy = new OwnStrategy((token) => {
    const judge = own && isMarkedAsOurs(token.text) ? own : remote;
    if (!judge) throw tokenError("token.malformed", "it is neither a JWT nor one of ours");
    return judge(token);
  });
  // Nothing makes all verdicts void at once: what is taken back is told by its marks, with every request.
  return { name: "opaque", strategy, onChange: () => {} };
}
