import type { HeaderList } from "./header-list.ts";

/** How large a request head may be. */
export interface HeadLimits {
  /** Bytes of the target, and of the header lines as HTTP/1.1 writes them. */
  readonly head: number;
  /** Header lines. */
  readonly headers: number;
}

/** Tells what is too much of a head, the same for both protocols: the pseudo-headers of HTTP/2 are bytes, and no lines. */
export function headExcess(rawHeaders: HeaderList, target: string, { head, headers }: HeadLimits): string | undefined {
  let bytes = 0;
  let pseudo = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    bytes += name.length + rawHeaders[index + 1]!.length + 4;
    if (name.startsWith(":")) pseudo++;
  }
  // On HTTP/2 the target is one of the values.
  if (pseudo === 0) bytes += target.length;
  if (rawHeaders.length / 2 - pseudo > headers) return "too many headers";
  return bytes > head ? "too many bytes" : undefined;
}
