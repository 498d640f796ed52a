import type { HeaderList } from "../header-list.ts";
import type { RequestView } from "../request-view.ts";
import { isOfTheHop } from "./response-headers.ts";

/**
 * What has its meaning before the content alone (RFC 9110 §6.5.1): framing, routing, modifiers of a request,
 * authentication, and how an answer is to be kept and read. Whoever merged such a trailer into the head would believe it.
 */
const ofTheHead: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-length",
  "content-range",
  "content-security-policy",
  "content-type",
  "cookie",
  "date",
  "expect",
  "expires",
  "host",
  "location",
  "max-forwards",
  "pragma",
  "range",
  "refresh",
  "retry-after",
  "set-cookie",
  "strict-transport-security",
  "vary",
  "warning",
  "www-authenticate",
]);

const mayTrail = (name: string): boolean =>
  !ofTheHead.has(name) && !isOfTheHop(name) && !name.startsWith("access-control-") && !name.startsWith("if-");

/** The trailers of an upstream's answer that are the client's, in lower case. */
export function endToEndTrailers(trailers: HeaderList): string[] {
  const kept: string[] = [];
  for (let index = 0; index < trailers.length; index += 2) {
    const name = trailers[index]!.toLowerCase();
    if (mayTrail(name)) kept.push(name, trailers[index + 1]!);
  }
  return kept;
}

/** Tells by the `TE` header whether an HTTP/1.1 client takes trailers. */
export function takesTrailers(te: string | undefined): boolean {
  return te !== undefined && te.split(",").some((coding) => coding.trim().toLowerCase() === "trailers");
}

/**
 * Says in the headers of an answer which trailers were announced, where the client will get them. HTTP/2 carries them
 * behind a body of declared length, HTTP/1.1 behind chunks alone: there the length gives way to what was announced.
 */
export function announceTrailers(
  headers: string[],
  announced: string | readonly string[],
  { request, status }: { readonly request: RequestView; readonly status: number },
): void {
  if (request.method === "HEAD" || status === 204 || status === 304) return;
  const chunked = request.protocol === "1.1" && takesTrailers(request.header("te"));
  if (!chunked && request.protocol !== "2") return;
  const lines = [announced].flat();
  const names = lines.flatMap((line) => line.split(",")).map((name) => name.trim().toLowerCase());
  const passed = names.filter((name) => /^[a-z0-9-]+$/.test(name) && mayTrail(name));
  if (passed.length === 0) return;
  if (chunked) dropLength(headers);
  headers.push("trailer", passed.join(", "));
}

function dropLength(headers: string[]): void {
  for (let index = 0; index < headers.length; index += 2)
    if (headers[index] === "content-length") return void headers.splice(index, 2);
}
