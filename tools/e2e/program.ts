import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { until } from "./until.ts";

/** The root of the repository: every program is started there. */
export const root = resolve(import.meta.dirname, "../..");

interface ProgramOptions {
  readonly name?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Default: the root. */
  readonly cwd?: string;
}

/** A program under test, and all it has said. */
export class Program {
  readonly child: ChildProcess;
  readonly name: string;
  output = "";

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    this.name = options.name ?? command;
    this.child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (chunk) => void (this.output += String(chunk)));
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for words; a program that ended before it said them fails the test with what it did say. */
  async says(words: string | RegExp, within = 30_000): Promise<void> {
    await until(
      `${this.name} says ${words}`,
      () => {
        if (this.ended) throw new Error(`${this.name} ended:\n${this.output}`);
        return typeof words === "string" ? this.output.includes(words) : words.test(this.output);
      },
      { within },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n--- ${this.name} said:\n${this.output}`, { cause: error });
    });
  }

  /** Waits until it ends by itself, and gives its exit code. */
  async exit(): Promise<number | null> {
    if (!this.ended) await once(this.child, "close");
    return this.child.exitCode;
  }

  /** Ends the program and gives its exit code; one that stays is made to go. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.ended) return this.child.exitCode;
    const gone = once(this.child, "exit");
    this.child.kill(signal);
    const impatient = setTimeout(() => this.child.kill("SIGKILL"), 20_000);
    await gone;
    clearTimeout(impatient);
    return this.child.exitCode;
  }
}

/** Starts one of our own programs on our own node. */
export const ours = (entry: string, args: readonly string[], name = entry): Program =>
  new Program(process.execPath, [entry, ...args], { name });

/** The process that a program, such as `npm start`, runs another one in. */
export function childOf({ child, name }: Program, program: string): number {
  const pids = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
  const pid = pids.find((one) => readFileSync(`/proc/${one}/cmdline`, "utf8").includes(program));
  if (pid === undefined) throw new Error(`${name} runs no ${program}`);
  return Number(pid);
}
