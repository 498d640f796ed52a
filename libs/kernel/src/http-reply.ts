import type { ServerResponse } from "node:http";
import type { Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import type { NodeResponse } from "./exchange.ts";
import { HeaderEdits, setValue, type HeaderList } from "./header-list.ts";
import { takesTrailers } from "./hygiene/response-trailers.ts";
import type { Reply } from "./reply.ts";
import { hasBody } from "./request-view.ts";

/** Answers through one of Node's responses. */
export class HttpReply implements Reply {
  readonly #response: NodeResponse;
  /** The same response once more, under its own kind: which one it is, is asked several times for each request. */
  readonly #http1: ServerResponse | undefined;
  readonly #http2: Http2ServerResponse | undefined;
  readonly #added: string[] = [];
  #edits: HeaderEdits | undefined;
  #bytes = 0;

  constructor(response: NodeResponse) {
    this.#response = response;
    if (isHttp2(response)) this.#http2 = response;
    else this.#http1 = response;
  }

  get status(): number {
    return this.#response.headersSent ? this.#response.statusCode : 0;
  }

  get started(): boolean {
    return this.#response.headersSent;
  }

  get gone(): boolean {
    return this.#http2 ? this.#http2.stream.destroyed : this.#response.destroyed;
  }

  /** Every byte of the answer was handed over; asked when the response has closed. */
  get whole(): boolean {
    if (this.#http1) return this.#http1.writableFinished;
    return this.#http2!.writableEnded && this.#http2!.stream.rstCode === 0;
  }

  get bytes(): number {
    // What Express wrote was not counted here; it states its length.
    return this.#bytes || Number(this.#response.getHeader("content-length") ?? 0);
  }

  get added(): HeaderList {
    return this.#added;
  }

  add(name: string, value: string): void {
    this.#added.push(name, value);
  }

  set(name: string, value: string): void {
    setValue(this.#added, name, value);
  }

  get edits(): HeaderEdits {
    return (this.#edits ??= new HeaderEdits());
  }

  send(status: number, headers: string[], body: string): void {
    const length = Buffer.byteLength(body);
    const list = [...headers, "content-length", String(length)];
    const response = this.#response;
    this.#open(status, list);
    this.#bytes += length;
    response.end(body);
    if (isHttp2(response)) askForNoMore(response);
  }

  start(status: number, headers: string[]): void {
    this.#open(status, this.#edits ? this.#edits.applyTo(headers) : headers);
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    return this.#http1 ? this.#http1.write(chunk) : this.#http2!.write(chunk);
  }

  onDrain(listener: () => void): void {
    this.#response.on("drain", listener);
  }

  end(trailers?: HeaderList): void {
    if (trailers && trailers.length > 0) this.#addTrailers(this.#edits ? this.#edits.leaveOut(trailers) : trailers);
    this.#response.end();
    if (this.#http2) askForNoMore(this.#http2);
  }

  destroy(): void {
    if (this.#http2) this.#http2.stream.close(2);
    else this.#response.destroy();
  }

  #addTrailers(trailers: HeaderList): void {
    if (this.#http2) return this.#http2.addTrailers(fieldsOf(trailers));
    const response = this.#http1!;
    // RFC 9110 §6.5: to others they would mean nothing, or stand in the way of the next answer.
    if (!response.chunkedEncoding || !takesTrailers(String(response.req.headers["te"] ?? ""))) return;
    const pairs: [string, string][] = [];
    for (let index = 0; index < trailers.length; index += 2) pairs.push([trailers[index]!, trailers[index + 1]!]);
    response.addTrailers(pairs);
  }

  #open(status: number, headers: string[]): void {
    const response = this.#response;
    for (const part of this.#added) headers.push(part);
    if (isHttp2(response)) response.writeHead(status, fieldsOf(headers));
    else {
      // What is left of the body must not pass for another request. Without a body the request is no more `complete`
      // than with one while its head is being dealt with.
      if (!response.req.complete && hasBody(response.req, false)) response.shouldKeepAlive = false;
      // Node writes a flat array of names and values as it is.
      response.writeHead(status, headers);
    }
  }
}

/** Tells Node's two kinds of response apart. */
export const isHttp2 = (response: NodeResponse): response is Http2ServerResponse => "stream" in response;

/** RFC 9113 §8.1: once the answer is out, a client that still sends its request is asked to stop. */
function askForNoMore({ stream }: Http2ServerResponse): void {
  if (isSending(stream)) stream.close();
}

/** The client has not ended its request on a stream, whatever was made of the readable side meanwhile. */
export const isSending = (stream: ServerHttp2Stream): boolean =>
  !stream.endAfterHeaders && !stream.destroyed && stream.state.remoteClose !== 1;

function fieldsOf(headers: HeaderList): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase();
    const value = headers[index + 1]!;
    const earlier = fields[name];
    fields[name] = earlier === undefined ? value : Array.isArray(earlier) ? [...earlier, value] : [earlier, value];
  }
  return fields;
}
