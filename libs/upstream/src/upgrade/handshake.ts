import type { IncomingHttpHeaders } from "node:http";
import type { Exchange } from "@tandem/kernel/exchange";
import type { HeaderList } from "@tandem/kernel/header-list";
import type { Reply } from "@tandem/kernel/reply";
import { headOf } from "../exchange/head.ts";

type Fields = Record<string, string | string[]>;

/** The headers with which a service is asked for a websocket: exactly those that any other request would be sent with, and the handshake's own. */
export function handshakeHeaders(exchange: Exchange, spanId: string): IncomingHttpHeaders {
  const fields = fieldsOf(headOf(exchange, spanId));
  delete fields["content-length"];
  fields["connection"] = "Upgrade";
  fields["upgrade"] = "websocket";
  return fields;
}

/** The headers with which the client is told that it has a websocket, of those that may be passed on. */
export function switchingHeaders(
  headers: HeaderList,
  { added, edits }: Pick<Reply, "added" | "edits">,
): IncomingHttpHeaders {
  const fields = fieldsOf([...added, ...edits.applyTo(headers)]);
  // RFC 9110 §8.6 and §15.2: an answer of 1xx has no body, so it states nothing of one.
  delete fields["content-length"];
  fields["connection"] = "Upgrade";
  fields["upgrade"] = "websocket";
  return fields;
}

function fieldsOf(headers: HeaderList): Fields {
  const fields: Fields = Object.create(null);
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase();
    const value = headers[index + 1]!;
    const earlier = fields[name];
    if (earlier === undefined) fields[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else fields[name] = [earlier, value];
  }
  return fields;
}
