import type { ProblemCode } from "@tandem/contracts/errors";

/** What the client is told of an error of the parser; nothing where there is nobody to tell. */
export function problemOf({ code = "" }: NodeJS.ErrnoException): ProblemCode | undefined {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return "request.head-too-large";
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return "request.timeout";
    case "HPE_INVALID_CONTENT_LENGTH":
    case "HPE_UNEXPECTED_CONTENT_LENGTH":
    case "HPE_INVALID_TRANSFER_ENCODING":
    case "HPE_INVALID_CHUNK_SIZE":
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return "request.framing";
    // The client hung up in the middle of its request.
    case "HPE_INVALID_EOF_STATE":
      return undefined;
    default:
      return code.startsWith("HPE_") ? "request.malformed" : undefined;
  }
}
