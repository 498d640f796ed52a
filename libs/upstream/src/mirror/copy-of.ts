import { Exchange } from "@tandem/kernel/exchange";
import { RequestRecord } from "@tandem/kernel/record";
import type { Reply } from "@tandem/kernel/reply";
import { RequestView } from "@tandem/kernel/request-view";

/** Tells the service that nobody waits for its answer, and whose requests it sees. Strangers cannot: all of `tandem-` is ours. */
const mirrorHeader = "tandem-mirror";

interface CopyParts {
  readonly reply: Reply;
  readonly fail: (copy: Exchange, error: unknown) => void;
}

/**
 * The same request once more, as an exchange of its own: what was decided and edited is taken over as it is at this
 * moment, and nothing that becomes of the copy is seen in the original, neither in its record nor in its reply.
 */
export function copyOf(exchange: Exchange, { reply, fail }: CopyParts): Exchange {
  const { request, record } = exchange;
  const { method, target, protocol, peer } = request;
  const view = new RequestView({ method, target, protocol, peer, rawHeaders: [] });
  view.path = request.path;
  view.query = request.query;
  view.host = request.host;
  view.clientAddress = request.clientAddress;
  view.scheme = request.scheme;
  view.content = request.content;
  const headers = exchange.outgoing.applyTo(request.headers);
  headers.push(mirrorHeader, exchange.route?.name ?? "");
  view.headers = headers;
  const copy = new Exchange({ request: view, reply, record: new RequestRecord(), transport: { kind: "none" }, fail });
  copy.record.id = record.id;
  copy.record.trace = record.trace;
  copy.principal = exchange.principal;
  copy.route = exchange.route;
  copy.pattern = exchange.pattern;
  copy.target = exchange.target;
  return copy;
}
