import { spawn } from "node:child_process";

/** What one run of the load generator saw. */
export interface Load {
  readonly requests: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

interface Aim {
  readonly url: string;
  readonly script: string;
  readonly seconds: number;
  readonly connections: number;
  /** The core that the load generator is kept on. */
  readonly core: number;
}

/** Runs wrk against loopback for a bounded time and reads its report. */
export async function load(aim: Aim): Promise<Load> {
  const { url, script, seconds, connections, core } = aim;
  const wrk = ["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script, url];
  const child = spawn("taskset", ["-c", String(core), ...wrk], { stdio: ["ignore", "pipe", "inherit"] });
  let report = "";
  for await (const chunk of child.stdout) report += String(chunk);
  return parseReport(report);
}

/** Reads wrk's own words; a line that is missing means that wrk did not run. */
export function parseReport(report: string): Load {
  const requests = /(\d+) requests in/.exec(report)?.[1];
  if (!requests) throw new Error(`wrk gave no report:\n${report}`);
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report)?.slice(1) ?? [];
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0);
  return {
    requests: Number(requests),
    failed: errors.reduce((sum, count) => sum + Number(count), refused),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)?.[1] ?? 0),
    // At the start of a line: shares stand elsewhere in the report, too.
    p50: milliseconds(/^ +50%\s+(\S+)/m.exec(report)?.[1]),
    p99: milliseconds(/^ +99%\s+(\S+)/m.exec(report)?.[1]),
  };
}

function milliseconds(text: string | undefined): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text ?? "") ?? [];
  return unit === "us" ? Number(value) / 1000 : Number(value) * (unit === "s" ? 1000 : 1);
}
