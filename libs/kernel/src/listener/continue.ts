import { IncomingMessage, type ServerResponse } from "node:http";
import { Http2ServerRequest, type Http2ServerResponse } from "node:http2";

/** A request whose client waits for `100 Continue` is told to go on by the first who reads its body, unless it has its answer. */
export class PatientRequest extends IncomingMessage {
  waiting: ServerResponse | undefined;

  override read(size?: number): unknown {
    const { waiting } = this;
    if (waiting) {
      this.waiting = undefined;
      if (!waiting.headersSent) waiting.writeContinue();
    }
    return super.read(size);
  }
}

/** The same on HTTP/2. */
export class PatientHttp2Request extends Http2ServerRequest {
  waiting: Http2ServerResponse | undefined;

  override read(size?: number): ReturnType<Http2ServerRequest["read"]> {
    const { waiting } = this;
    if (waiting) {
      this.waiting = undefined;
      if (!waiting.headersSent) waiting.writeContinue();
    }
    return super.read(size);
  }
}
