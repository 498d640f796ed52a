import { parseQuantity, time } from "@tandem/platform/config/quantity";
import { InvalidArgumentError } from "commander";

/** Reads an option that names a moment, by its date; gives ISO 8601. */
export function moment(text: string): string {
  const at = dateOf(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError("Expected a date such as 2027-01-31 or 2027-01-31T12:00:00Z.");
  return new Date(at).toISOString();
}

/** The same for one to come, by its date or by the time from now until then. */
export function momentAhead(text: string): string {
  const ms = parseQuantity(time, text);
  const at = ms === undefined ? dateOf(text) : Date.now() + ms;
  if (Number.isNaN(at))
    throw new InvalidArgumentError("Expected a time from now such as 90d, or a date such as 2027-01-31.");
  return new Date(at).toISOString();
}

/** The same for one that has been, by its date or by the time that has passed since. */
export function momentAgo(text: string): string {
  const ms = parseQuantity(time, text);
  const at = ms === undefined ? dateOf(text) : Date.now() - ms;
  if (Number.isNaN(at)) throw new InvalidArgumentError("Expected a time ago such as 1h, or a date such as 2027-01-31.");
  return new Date(at).toISOString();
}

const dateOf = (text: string): number => (/^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN);
