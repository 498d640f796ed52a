import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

interface Program {
  readonly name: string;
  readonly args: readonly string[];
}

/** How long a child may take to go before it is made to. */
const patience = 12_000;

/** The processes of one `tandem dev`: they start together, and none outlives the others. */
export class Children {
  readonly #running = new Map<string, ChildProcess>();
  readonly #onLoss: (name: string, why: string) => void;
  #closing = false;

  constructor(onLoss: (name: string, why: string) => void) {
    this.#onLoss = onLoss;
  }

  /** Starts a program with our own node; it shares our terminal, and ends when our end of the channel does. */
  start({ name, args }: Program): void {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#running.set(name, child);
    child.once("exit", (code, signal) => {
      this.#running.delete(name);
      if (!this.#closing) this.#onLoss(name, signal ? `was ended by ${signal}` : `ended with exit code ${code}`);
    });
  }

  /** Asks every child to finish, waits, and ends those that do not. */
  async close(): Promise<void> {
    this.#closing = true;
    const leaving = [...this.#running.values()].map(async (child) => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      const impatient = setTimeout(() => child.kill("SIGKILL"), patience);
      await gone;
      clearTimeout(impatient);
    });
    await Promise.all(leaving);
  }
}
