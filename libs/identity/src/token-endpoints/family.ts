import type { Principal } from "@tandem/contracts/principal";
import type { Confirmation, Marks } from "../authenticate/verified.ts";
import type { Actor } from "./access-token.ts";

/** What was granted once, for all tokens of a family. */
export interface Granted {
  /** The `sid` of its access tokens. */
  readonly id: string;
  readonly client: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly confirmation?: Confirmation | undefined;
  readonly actor?: Actor | undefined;
  readonly origin?: Origin | undefined;
}

/** The token in exchange for which a family was begun: taken back, it takes the family with it. */
export interface Origin {
  readonly digest: string;
  readonly principal: Principal;
  readonly marks: Marks;
}

/** One grant, and all refresh tokens that follow from it: one after the other, of which the last alone is good. */
export interface Family extends Granted {
  readonly iss: string;
  /** Epoch seconds, like `expires`. */
  readonly issuedAt: number;
  readonly expires: number;
}

/** What is kept of one refresh token. */
export interface KeptToken {
  /** The id of its family. */
  readonly family: string;
  /** Milliseconds for which it was made. */
  readonly life: number;
}

/** Reads what was kept of a family; nothing where there is none, or something else. */
export const readFamily = (text: string | undefined): Family | undefined => read(text, isFamily);

/** Reads what was kept of a token; nothing where there is none, or something else. */
export const readKeptToken = (text: string | undefined): KeptToken | undefined => read(text, isKeptToken);

function read<Value>(text: string | undefined, isValue: (value: unknown) => value is Value): Value | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isValue(value) ? value : undefined;
  } catch {
    // Nobody but us writes there: it is worth as little as a token that nobody made.
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isKeptToken = (value: unknown): value is KeptToken =>
  isRecord(value) && typeof value["family"] === "string" && typeof value["life"] === "number";

const isFamily = (value: unknown): value is Family =>
  isRecord(value) &&
  ["id", "client", "subject", "iss"].every((name) => typeof value[name] === "string") &&
  ["issuedAt", "expires"].every((name) => typeof value[name] === "number") &&
  ["scopes", "roles"].every((name) => Array.isArray(value[name]));
