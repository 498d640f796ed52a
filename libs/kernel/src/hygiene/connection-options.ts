import { GatewayError } from "@tandem/contracts/errors";
import type { RuleOf } from "./header-rules.ts";

/** What the `Connection` header asks for. */
export interface ConnectionOptions {
  readonly upgrade: boolean;
  /** Headers that end here: lower-case names. */
  readonly named: readonly string[];
}

const nothing: ConnectionOptions = { upgrade: false, named: [] };
const upgrade: ConnectionOptions = { upgrade: true, named: [] };

/** Reads the `Connection` header; one that would take away what a gateway sets or what a policy reads is refused. */
export function readConnection(value: string | undefined, ruleOf: RuleOf): ConnectionOptions {
  if (value === undefined || value === "keep-alive" || value === "close") return nothing;
  if (value === "Upgrade") return upgrade;
  let asksUpgrade = false;
  const named: string[] = [];
  for (const part of value.split(",")) {
    const option = part.trim().toLowerCase();
    if (option === "upgrade") asksUpgrade = true;
    else if (option !== "" && option !== "close" && option !== "keep-alive") {
      const rule = ruleOf(option);
      if (!rule.nameable)
        throw new GatewayError("request.header", { detail: "Connection names a header that is not the connection's" });
      // The others have been seen to already.
      if (rule.fate === "keep") named.push(rule.name);
    }
  }
  return { upgrade: asksUpgrade, named };
}

/** The list without the named headers. */
export function withoutNamed(headers: string[], { named }: ConnectionOptions): string[] {
  if (named.length === 0) return headers;
  let kept = 0;
  for (let index = 0; index < headers.length; index += 2) {
    if (named.includes(headers[index]!)) continue;
    headers[kept++] = headers[index]!;
    headers[kept++] = headers[index + 1]!;
  }
  headers.length = kept;
  return headers;
}
