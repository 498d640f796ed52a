import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { type Dispatcher, errors } from "undici";

interface Reins {
  /** The longest head of an answer, in bytes, as undici itself counts them on HTTP/1.1. */
  readonly maxHead: number;
  readonly upload?: Upload;
}

interface Upload {
  readonly body: Readable;
  /** Ends it so that it cannot pass for whole. */
  readonly breakOff: () => void;
}

/**
 * Stands before the handler of a request on HTTP/2. undici sends a request again when a stream was refused, or was left
 * behind by a GOAWAY; but it takes the streams of one connection for those of the next (8.12.4), so that what was acted
 * on may be sent twice. A second sending is for the retry policy to decide, so here it is the end of a broken connection.
 */
export class SentOnce implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #upload: Upload | undefined;
  readonly #maxHead: number;
  #sent = false;
  #uploaded = false;

  constructor(handler: Dispatcher.DispatchHandler, { maxHead, upload }: Reins) {
    this.#handler = handler;
    this.#upload = upload;
    this.#maxHead = maxHead;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    if (this.#sent) return controller.abort(new errors.SocketError("the connection left the request behind"));
    const upload = this.#upload;
    if (upload) {
      const abort = controller.abort.bind(controller);
      controller.abort = (reason) => {
        if (!this.#uploaded) upload.breakOff();
        abort(reason);
      };
    }
    this.#handler.onRequestStart?.(controller, context);
  }

  onBodySent(chunk: Buffer): void {
    this.#sent = true;
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#sent = true;
    this.#uploaded = true;
    this.#handler.onRequestSent?.();
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(...head: Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseStart"]>>): void {
    if (lengthOf(head[2]) >= this.#maxHead) throw new errors.HeadersOverflowError();
    this.#handler.onResponseStart?.(...head);
  }

  onResponseData(...data: Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseData"]>>): void {
    this.#handler.onResponseData?.(...data);
  }

  onResponseEnd(...end: Parameters<NonNullable<Dispatcher.DispatchHandler["onResponseEnd"]>>): void {
    this.#handler.onResponseEnd?.(...end);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    // The connection broke because the body did.
    this.#handler.onResponseError?.(controller, this.#upload?.body.errored ?? error);
  }
}

function lengthOf(headers: IncomingHttpHeaders): number {
  let length = 0;
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") length += name.length + value.length;
    else if (value) for (const one of value) length += name.length + one.length;
  }
  return length;
}
