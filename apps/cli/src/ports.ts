import { createServer } from "node:net";

/** A port that something needs, and what to change to move it. */
export interface Need {
  readonly port: number;
  readonly what: string;
  readonly setting: string;
}

/** One clear line for every port that is taken already. */
export async function takenPorts(needs: readonly Need[]): Promise<string[]> {
  const lines = await Promise.all(
    needs.map(async ({ port, what, setting }) =>
      (await isFree(port))
        ? undefined
        : `port ${port} (${what}) is taken: end what uses it (ss -ltnp 'sport = :${port}'), or change ${setting}`,
    ),
  );
  return lines.filter((line) => line !== undefined);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
