import { hopByHop, isManaged } from "@tandem/kernel/hygiene/managed-headers";
import { isOfTheHop } from "@tandem/kernel/hygiene/response-headers";
import { z } from "zod";

const ofTheRequest =
  /^(authorization|connection|content-length|expect|host|sec-websocket-.*|transfer-encoding|upgrade|x-api-key|x-request-id)$/;
const ofTheAnswer = /^(content-length|content-range|sec-websocket-.*)$/;
/** Of these a request has one or none; two would be read by some as the first and by others as the last. */
const alone =
  /^(access-control-request-method|content-location|content-range|content-type|cookie|if-modified-since|if-range|if-unmodified-since|origin|range)$/;

/** Why a route cannot touch this header of a request. */
function requestFault(name: string): string | undefined {
  if (name === "host") return "the host is told by rewrite.host";
  if (name === "authorization" || name === "x-api-key") return "who calls is told by the route's identity";
  if (isManaged(name)) return "this header belongs to the gateway";
  return hopByHop.has(name) || ofTheRequest.test(name) ? "this header belongs to the connection" : undefined;
}

/** Why a route cannot touch this header of an answer. */
const answerFault = (name: string): string | undefined =>
  isOfTheHop(name) || ofTheAnswer.test(name) ? "this header belongs to the gateway or to the connection" : undefined;

type FaultOf = (name: string) => string | undefined;

const headerName = (faultOf: FaultOf) =>
  z
    .string()
    .max(128)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "a header name is lower-case letters, digits and single dashes")
    .superRefine((name, context) => {
      const fault = faultOf(name);
      if (fault !== undefined) context.addIssue({ code: "custom", message: `${name}: ${fault}` });
    });

const headerValue = z
  .string()
  .max(4096)
  .regex(/^[!-~](?:[\t -~]*[!-~])?$/, "a header value is visible ASCII, with blanks between at most");

function headerEdits(faultOf: FaultOf) {
  const name = headerName(faultOf);
  return z
    .strictObject({
      set: z.record(name, headerValue).optional().meta({ description: "In place of all values there were." }),
      add: z.record(name, headerValue).optional().meta({ description: "Beside the values there were." }),
      remove: z.array(name).min(1).optional().meta({ description: "All values." }),
    })
    .superRefine(({ set = {}, add = {}, remove = [] }, context) => {
      const refuse = (path: (string | number)[], message: string): void =>
        context.addIssue({ code: "custom", path, message });
      const seen = new Set(Object.keys(set));
      for (const one of Object.keys(add)) {
        if (seen.has(one)) refuse(["add", one], `${one} is set already`);
        seen.add(one);
      }
      for (const [index, one] of remove.entries()) {
        if (seen.has(one)) refuse(["remove", index], `${one} is named already: set alone replaces all values`);
        seen.add(one);
      }
      if (seen.size === 0) refuse([], "there is nothing to edit");
    });
}

/** The `requestHeaders` of a route. */
export const requestHeadersField = headerEdits(requestFault).superRefine(({ add = {} }, context) => {
  for (const one of Object.keys(add))
    if (alone.test(one))
      context.addIssue({ code: "custom", path: ["add", one], message: `a request has one ${one} at most: set it` });
});

/** The `responseHeaders` of a route. */
export const responseHeadersField = headerEdits(answerFault);

/** What a route makes of headers. */
export type HeaderEditOptions = z.output<typeof responseHeadersField>;
