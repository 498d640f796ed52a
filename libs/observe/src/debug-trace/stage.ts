import type { Principal } from "@tandem/contracts/principal";
import type { HeaderList } from "@tandem/kernel/header-list";
import { decideSampling } from "@tandem/kernel/sampling";
import type { Stage } from "@tandem/kernel/stage";
import type { TracesOptions } from "../trace/config.ts";

const debugHeader = "tandem-debug";

/** Has the trace of a request exported because a principal who may asks for it; hygiene has taken the header off the way, everybody's. */
export function debugTrace(debug: TracesOptions["debug"]): Stage {
  return {
    name: "debugTrace",
    idle: debug === undefined,
    run(exchange) {
      if (!debug || !asks(exchange.request.rawHeaders) || !may(exchange.principal, debug)) return;
      decideSampling(exchange, true, { decided: true });
    },
    explain({ principal }) {
      return debug && { may: may(principal, debug) };
    },
  };
}

function asks(rawHeaders: HeaderList): boolean {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === debugHeader.length && name.toLowerCase() === debugHeader)
      return rawHeaders[index + 1] === "trace";
  }
  return false;
}

function may({ scopes, roles }: Principal, needed: NonNullable<TracesOptions["debug"]>): boolean {
  return (
    (needed.scopes ?? []).every((scope) => scopes.includes(scope)) &&
    (needed.roles === undefined || needed.roles.some((role) => roles.includes(role)))
  );
}
