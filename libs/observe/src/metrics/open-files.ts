import { readdir, readFile } from "node:fs/promises";

/** How many file descriptors are open. Rejects where there is no telling, which is everywhere but on Linux. */
export async function openFileDescriptors(): Promise<number> {
  // The directory that is being read is open itself.
  return (await readdir("/proc/self/fd")).length - 1;
}

/** How many may be open at once. */
export async function openFilesLimit(): Promise<number> {
  const [, most] = /^Max open files\s+(\d+)/m.exec(await readFile("/proc/self/limits", "utf8")) ?? [];
  if (most === undefined) throw new Error("this system does not say how many files may be open");
  return Number(most);
}

/** How many TCP connections the event loop looks after. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().reduce((sum, kind) => (kind === "TCPSocketWrap" ? sum + 1 : sum), 0);
