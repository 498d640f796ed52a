import type { GatewayError } from "@tandem/contracts/errors";
import { traceparentOf } from "@tandem/platform/telemetry/trace-context";
import type { Socket } from "node:net";
import type { NodeResponse } from "../exchange.ts";
import type { Gateway } from "../gateway.ts";
import { HttpReply, isHttp2 } from "../http-reply.ts";
import { peerOf } from "../peer.ts";
import { problemBody, problemHead } from "../problem.ts";
import { RequestRecord } from "../record.ts";
import type { Reply } from "../reply.ts";
import { protocolOf, type NodeRequest } from "../request-view.ts";
import { SocketReply } from "../socket-reply.ts";
import { closeUnread } from "./close-soon.ts";
import { connectionOf } from "./connection.ts";

/** Refuses what never becomes an exchange, with the same problem, id and record as any other request. */
export interface Refuser {
  /** Answers on the bare connection and closes it; the request is known only as far as the parser came. */
  onSocket(socket: Socket, error: GatewayError, request?: NodeRequest): void;
  onResponse(request: NodeRequest, response: NodeResponse, error: GatewayError): void;
  /** Notes a request that can no longer be answered, because an answer to another one stands in its way. */
  unanswered(socket: Socket, error: GatewayError, request?: NodeRequest): void;
}

interface RefuserParts {
  readonly gateway: () => Gateway;
  readonly requestId: () => string;
}

/** Makes the refuser of one listener. */
export function createRefuser({ gateway, requestId }: RefuserParts): Refuser {
  const recordOf = (socket: Socket, error: GatewayError, request?: NodeRequest): RequestRecord => {
    const record = new RequestRecord();
    record.id = requestId();
    gateway().identify(record);
    record.peer = peerOf(socket);
    record.clientAddress = record.peer.address;
    record.protocol = request && protocolOf(request) === "2" ? "2" : (request?.httpVersion ?? "1.1");
    record.method = request?.method ?? "";
    record.target = request?.url ?? "";
    record.userAgent = request?.headers["user-agent"];
    record.upgrade = request?.headers.upgrade?.toLowerCase();
    record.error = error.code;
    record.cause = error.cause;
    return record;
  };
  const answer = (reply: Reply, record: RequestRecord, error: GatewayError): void => {
    const body = problemBody(error, record.id);
    record.status = error.status;
    record.bytesOut = Buffer.byteLength(body);
    const { trace } = record;
    // No stage has run that would have said so.
    reply.add("x-request-id", record.id);
    if (trace) reply.add("traceresponse", traceparentOf(trace, trace.spanId));
    reply.send(error.status, problemHead(error), body);
    record.duration = record.now();
    gateway().refused(record);
  };
  return {
    onSocket(socket, error, request) {
      connectionOf(socket)?.endsBy("last-answer");
      answer(new SocketReply(socket), recordOf(socket, error, request), error);
      closeUnread(socket);
    },
    onResponse(request, response, error) {
      if (!isHttp2(response)) response.shouldKeepAlive = false;
      answer(new HttpReply(response), recordOf(request.socket, error, request), error);
    },
    unanswered(socket, error, request) {
      const record = recordOf(socket, error, request);
      record.ending = "broken-off";
      record.duration = record.now();
      gateway().refused(record);
    },
  };
}
