import { isJsonObject } from "../jose/json-object.ts";
import { tokenError } from "./token-error.ts";
import type { Confirmation } from "./verified.ts";

/** Reads a `cnf` claim. One that holds anything else is refused: a bound token must never pass for one that anybody may bear. */
export function confirmationOf(cnf: unknown): Confirmation | undefined {
  if (cnf === undefined) return undefined;
  if (!isJsonObject(cnf)) throw refused();
  const confirmation: { certificate?: string; key?: string } = {};
  for (const [name, value] of Object.entries(cnf)) {
    if (typeof value !== "string" || !/^[\w-]{43}$/.test(value)) throw refused();
    if (name === "x5t#S256") confirmation.certificate = value;
    else if (name === "jkt") confirmation.key = value;
    else throw refused();
  }
  if (confirmation.certificate === undefined && confirmation.key === undefined) throw refused();
  return confirmation;
}

const refused = () => tokenError("token.claims", "its cnf binds it to something that is not known here");
