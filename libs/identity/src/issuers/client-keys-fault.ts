import { algorithms } from "../jose/algorithm.ts";
import { readKeySetDocument } from "../jose/key-set-document.ts";
import { privateMemberOf } from "../keys/public-keys.ts";

/** Why a JWKS cannot be that of a client; nothing where it can. Whoever has its private key could pass for it. */
export function clientKeysFault(text: string): string | undefined {
  try {
    readKeySetDocument(text, algorithms);
  } catch (error) {
    return error instanceof SyntaxError || !(error instanceof Error) ? "it is not JSON" : error.message;
  }
  const { keys }: { readonly keys: readonly unknown[] } = JSON.parse(text);
  const isPrivate = keys.some((jwk) => privateMemberOf(jwk) !== undefined);
  return isPrivate ? "it holds a private key, which only the client may have" : undefined;
}
