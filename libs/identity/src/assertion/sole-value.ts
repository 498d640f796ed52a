import { GatewayError, type ProblemCode } from "@tandem/contracts/errors";
import type { HeaderList } from "@tandem/kernel/header-list";

/** The value of a header that may stand there once; a second line is refused with the code given. */
export function soleValue(headers: HeaderList, name: string, code: ProblemCode): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] !== name) continue;
    if (found !== undefined) throw new GatewayError(code, { detail: `${name} stands there twice` });
    found = headers[index + 1];
  }
  return found;
}
