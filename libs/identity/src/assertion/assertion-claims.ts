import type { AssertionClaims } from "@tandem/contracts/assertion";
import { authenticationMethods } from "@tandem/contracts/principal";

type Judge = (value: unknown) => boolean;

const isText: Judge = (value) => typeof value === "string";
const isTexts: Judge = (value) => Array.isArray(value) && value.every(isText);
const isSecond: Judge = (value) => Number.isSafeInteger(value);
const isAbsentOr =
  (judge: Judge): Judge =>
  (value) =>
    value === undefined || judge(value);
const isConfirmation: Judge = (value) =>
  typeof value === "object" && value !== null && "x5t#S256" in value && isText(value["x5t#S256"]);

const judges: Readonly<Record<keyof AssertionClaims, Judge>> = {
  iss: isText,
  aud: isText,
  jti: isText,
  iat: isSecond,
  exp: isSecond,
  sub: isText,
  client: isAbsentOr(isText),
  scopes: isTexts,
  roles: isTexts,
  tenant: isAbsentOr(isText),
  audiences: isAbsentOr(isTexts),
  auth: (value) => authenticationMethods.some((method) => method === value),
  via: isAbsentOr(isText),
  cnf: isAbsentOr(isConfirmation),
};

/** Tells whether a payload says what an assertion has to say; a method that this tier does not know is refused with the rest. */
export function isAssertionClaims(payload: object): payload is AssertionClaims {
  const claims = new Map<string, unknown>(Object.entries(payload));
  return Object.entries(judges).every(([name, isSound]) => isSound(claims.get(name)));
}
