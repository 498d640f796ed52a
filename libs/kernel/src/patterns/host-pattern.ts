import { hostRefusals, normaliseHost } from "./normalise-host.ts";
import { PatternError } from "./pattern-error.ts";

/** A compiled pattern of hosts. */
export interface HostPattern {
  readonly text: string;
  /** The part that is compared: a whole host, or a suffix that begins with a dot. */
  readonly host: string;
}

/** Compiles `api.example.com` or `*.example.com`; throws a PatternError on what could never match. */
export function compileHost(text: string): HostPattern {
  const wildcard = text.startsWith("*.");
  const start = wildcard ? 2 : 0;
  const name = text.slice(start);
  const star = name.indexOf("*");
  if (star >= 0)
    throw new PatternError(text, start + star, "a wildcard stands for the first labels alone: *.example.com");
  const normal = normaliseHost(name, "http");
  if (typeof normal === "string") throw new PatternError(text, start, hostRefusals[normal]);
  const colon = /:[0-9]+$/.exec(name);
  if (colon && normal.host !== name)
    throw new PatternError(text, start + colon.index, "a host is matched without its port");
  if (normal.host !== name) throw new PatternError(text, start, `write it in normal form: "${normal.host}"`);
  if (wildcard && !/[a-z]/.test(name)) throw new PatternError(text, start, "an address has no labels before it");
  return { text, host: wildcard ? `.${name}` : name };
}
