import { GatewayError } from "@tandem/contracts/errors";
import type { HeaderList } from "../header-list.ts";
import { isLength } from "./request-framing.ts";

// What belongs to the connection, what only we may say, and `Alt-Svc`, which would lead clients past us.
const ownOfTheHop: ReadonlySet<string> = new Set([
  "alt-svc",
  "connection",
  "http2-settings",
  "keep-alive",
  "te",
  "traceresponse",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-request-id",
]);

/** The headers of an upstream's answer that are the client's, in lower case, for HTTP/1.1 and HTTP/2 alike; throws where the answer's length is ambiguous. */
export function endToEnd(rawHeaders: HeaderList, status?: number): string[] {
  const headers: string[] = [];
  let length: string | undefined;
  let connection: string | undefined;
  let encoded = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!.toLowerCase();
    const value = rawHeaders[index + 1]!;
    if (name === "content-length") length = sameLength(length, value);
    else if (name === "connection") connection = connection === undefined ? value : `${connection},${value}`;
    else if (name === "transfer-encoding") encoded = true;
    else if (!isOfTheHop(name)) headers.push(name, value);
  }
  if (encoded && length !== undefined) throw malformed("the answer has both Transfer-Encoding and Content-Length");
  // RFC 9110 §8.6: a 204 has none; that of a 304 is what another answer would have had.
  if (length !== undefined && status !== 204) headers.push("content-length", length);
  return connection === undefined || connection === "keep-alive" || connection === "close"
    ? headers
    : withoutOptions(headers, connection);
}

/** Tells whether a lower-case name of an answer's header is never the client's to see. */
export const isOfTheHop = (name: string): boolean =>
  ownOfTheHop.has(name) || name.startsWith("proxy-") || name.startsWith("tandem-");

function sameLength(earlier: string | undefined, value: string): string {
  if (!isLength(value)) throw malformed("Content-Length of the answer is not a plain number");
  if (earlier !== undefined && earlier !== value) throw malformed("the answer has two lengths");
  return value;
}

function withoutOptions(headers: readonly string[], connection: string): string[] {
  const options = new Set(connection.split(",").map((option) => option.trim().toLowerCase()));
  // The length is not the connection's, whoever says so.
  options.delete("content-length");
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2)
    if (!options.has(headers[index]!)) kept.push(headers[index]!, headers[index + 1]!);
  return kept;
}

const malformed = (reason: string): GatewayError => new GatewayError("upstream.failed", { cause: new Error(reason) });
