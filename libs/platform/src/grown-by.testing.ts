import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** Collects what nobody holds any more, now and in full. */
export function collectGarbage(): void {
  if (typeof collect === "function") collect();
}

/** Bytes that a run leaves on the heap, garbage included. */
export function grownBy(run: () => void): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  run();
  return process.memoryUsage().heapUsed - before;
}
