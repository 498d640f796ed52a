import { GatewayError } from "@tandem/contracts/errors";
import { headExcess, type HeadLimits } from "../head-excess.ts";
import type { Authority } from "../patterns/normalise-host.ts";
import { normaliseTarget, pathRefusals, type Target } from "../patterns/normalise-path.ts";
import type { RequestView } from "../request-view.ts";
import type { Stage } from "../stage.ts";
import type { HygieneOptions } from "./config.ts";
import { readConnection, withoutNamed } from "./connection-options.ts";
import { explainHygiene } from "./explain-hygiene.ts";
import { headerRules } from "./header-rules.ts";
import { readHead, type Head } from "./read-head.ts";
import { checkFraming, checkVersion } from "./request-framing.ts";
import { readHost } from "./request-host.ts";
import { checkMethod } from "./request-method.ts";
import { checkUpgrade } from "./websocket-upgrade.ts";

interface Hygiene extends Partial<HygieneOptions> {
  /** Whose requests these are: only the security tier may vouch for a caller. */
  readonly from: "strangers" | "security-tier";
  /** The listener's own limits, held here too: no listener stands before a dry run. */
  readonly limits?: HeadLimits;
}

const defaultLimits = { head: 16_384, headers: 100 };

/** Gives the request its one normal form and the headers that may be believed; refuses what two readers could read in two ways. */
export function hygiene({ from, limits = defaultLimits, target: longest = 8192, managed = [] }: Hygiene): Stage {
  const ruleOf = headerRules({ from, managed });
  const run: Stage["run"] = ({ request, transport }) => {
    if (transport.kind === "dry") checkAsListener(request);
    checkVersion(request);
    checkMethod(request.method);
    if (request.target.length > longest) throw new GatewayError("request.uri-too-long");
    const excess = headExcess(request.rawHeaders, request.target, limits);
    if (excess) throw new GatewayError("request.head-too-large", { detail: excess });
    const head = readHead(request, ruleOf);
    const options = readConnection(head.connection, ruleOf);
    checkFraming(request, head);
    checkExpectation(head.expect);
    checkUpgrade(request, head, options);
    const authority = readHost(request, head);
    request.host = authority.host;
    request.port = authority.port;
    const { path, query } = readTarget(request, authority, head);
    request.path = path;
    request.query = query;
    head.headers.push("host", authority.text);
    request.headers = withoutNamed(head.headers, options);
  };
  return { name: "hygiene", run, explain: ({ request }) => explainHygiene(request, ruleOf) };
}

function readTarget(request: RequestView, authority: Authority, { scheme }: Head): Target {
  // On HTTP/2 the target is a path or an asterisk; the host has a field of its own.
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") throw new GatewayError("request.malformed");
  const ownPath = request.protocol === "2" || request.target.startsWith("/");
  const asked = ownPath ? undefined : { ...authority, scheme: request.scheme };
  const target = normaliseTarget(request.target, request.method, asked);
  if (typeof target === "string") throw new GatewayError("request.path", { detail: pathRefusals[target] });
  return target;
}

/** What a listener answers before any stage; none stands before a dry run. */
function checkAsListener({ rawHeaders, upgrade, protocol }: RequestView): void {
  if (upgrade !== undefined || protocol === "1.0") return;
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "expect");
  if (at >= 0) checkExpectation(rawHeaders[at + 1]);
}

function checkExpectation(expect: string | undefined): void {
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") throw new GatewayError("request.expectation");
}
