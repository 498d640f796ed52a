import type { Server } from "node:net";
import { listenErrorOf } from "./listen-error.ts";

/** Where a listener can be reached. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Begins to listen, or says in a ListenError why that cannot be. */
export function listenOn(
  front: Server,
  { host, port, whenBroken }: { host: string | undefined; port: number; whenBroken: (error: Error) => void },
): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(listenErrorOf(error, host, port));
    front.once("error", failed);
    front.listen({ port, ...(host !== undefined && { host }) }, () => {
      front.off("error", failed);
      front.on("error", whenBroken);
      resolve(addressOf(front)!);
    });
  });
}

/** Where a server listens; undefined while it does not. */
export function addressOf(front: Server): ListenAddress | undefined {
  const bound = front.address();
  return bound !== null && typeof bound === "object" ? { host: bound.address, port: bound.port } : undefined;
}
