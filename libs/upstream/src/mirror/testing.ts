import type { IncomingMessage } from "node:http";
import type { TestContext } from "node:test";
import { createGateway, type Gateway } from "@tandem/kernel/gateway";
import type { HeldBytes } from "@tandem/kernel/held-bytes";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Stage } from "@tandem/kernel/stage";
import type { Hop } from "../exchange/hop.ts";
import { hopTo, instanceAt, upstream } from "../exchange/testing.ts";
import type { Instance } from "../pool/instance.ts";
import { proxy } from "../proxy/stage.ts";
import type { MirrorOptions } from "./config.ts";
import type { MirrorView } from "./open-mirrors.ts";
import { openMirrors } from "./open-mirrors.ts";
import { mirror } from "./stage.ts";

/** A route to a service that answers `real`, and its mirror. */
export interface Mirrored {
  readonly gateway: Gateway;
  readonly records: RequestRecord[];
  /** What the route's own service was asked. */
  readonly asked: Seen[];
  readonly counts: () => MirrorView;
  readonly close: () => void;
}

/** A request as a service saw it. */
export interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

interface MirroredParts {
  readonly options?: Partial<MirrorOptions>;
  readonly random?: () => number;
  /** Keeps the sessions of the route's own service. */
  readonly sessions?: Hop["sessions"];
  readonly heldBytes?: HeldBytes;
  /** Stages between the route and the mirror. */
  readonly before?: readonly Stage[];
}

/** Serves a route whose requests are copied to these instances. */
export async function mirrored(
  t: TestContext,
  shadows: readonly Instance[],
  { options = {}, random = () => 0, sessions, heldBytes, before = [] }: MirroredParts = {},
): Promise<Mirrored> {
  const asked: Seen[] = [];
  const records: RequestRecord[] = [];
  const own = await upstream(t, async (request, response) => {
    asked.push(await seen(request));
    response.end("real");
  });
  const hops = new Map([
    ["orders", { ...hopTo([instanceAt(t, own)]), sessions }],
    ["shadow", hopTo(shadows)],
  ]);
  const wanted = { service: "shadow", percent: 100, most: 64, holdBody: 1024, timeout: 5_000, ...options };
  const mirrors = openMirrors([{ name: "one", mirror: wanted }, { name: "other" }], { hops, random });
  const routing: Stage = {
    name: "routing",
    run(exchange) {
      exchange.route = { name: "one", service: "orders", allow: { kind: "anyone" } };
      exchange.request.clientAddress = "192.0.2.7";
    },
  };
  const stages = [hygiene({ from: "strangers" }), routing, ...before, mirror(mirrors.of), proxy({ hops })];
  const gateway = createGateway(
    stages,
    { prelude: [], observers: [(record) => void records.push(record)] },
    { ...(heldBytes && { heldBytes }) },
  );
  t.after(() => mirrors.close());
  return { gateway, records, asked, counts: () => mirrors.view()[0]!, close: () => mirrors.close() };
}

/** Reads a request to its end. */
export async function seen(request: IncomingMessage): Promise<Seen> {
  const { method, url, headers } = request;
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return { method, url, headers, body };
}
