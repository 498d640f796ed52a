import { ask } from "./http.ts";
import { FaultySetup } from "./faults-setup.ts";
import { ours, type Program } from "./program.ts";

const ports = { collector: 28_201, control: 28_202 };

/** How a collector can be; `frozen` and `gone` are done to its process, the others it does itself. */
export type Trouble = "silent" | "trickle" | "garbage" | "503" | "slow" | "frozen" | "gone";

/** Both tiers, all that they see sent to a collector that can be in any trouble. */
export class TelemetrySetup extends FaultySetup {
  #collector: Program | undefined;

  constructor() {
    const otlp = `"http://127.0.0.1:${ports.collector}"`;
    super({ watched: `traces: { otlp: ${otlp}, sample: 1 }\nlog: { format: json, otlp: ${otlp} }\n` });
  }

  override async open(): Promise<void> {
    await this.startCollector();
    await super.open();
  }

  async startCollector(): Promise<void> {
    const args = [String(ports.collector), String(ports.control)];
    this.#collector = ours("tools/e2e/faulty-collector.ts", args, "collector");
    await this.#collector.says("listens");
  }

  /** Brings a trouble about. */
  async trouble(trouble: Trouble): Promise<void> {
    if (trouble === "gone") await this.#collector?.end("SIGKILL");
    else if (trouble === "frozen") this.#collector?.child.kill("SIGSTOP");
    else await ask(`http://127.0.0.1:${ports.control}/behave?like=${trouble}`);
  }

  /** Ends whatever trouble there is. */
  async mend(trouble: Trouble): Promise<void> {
    if (trouble === "gone") await this.startCollector();
    else if (trouble === "frozen") this.#collector?.child.kill("SIGCONT");
    else await ask(`http://127.0.0.1:${ports.control}/behave?like=200`);
  }

  /** What the collector has taken since it was started. */
  async taken(): Promise<{ spans: number; lines: number }> {
    return (await ask(`http://127.0.0.1:${ports.control}/`)).json;
  }

  override async close(): Promise<void> {
    this.#collector?.child.kill("SIGCONT");
    await super.close();
    await this.#collector?.end();
  }
}
