import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A line to another port of this machine that can be cut: then nothing is refused, and nothing answers. */
export class CutLine {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  #isCut = false;

  constructor(to: number) {
    this.#server = createServer((near) => {
      const far = connect(to, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.push(one);
        if (this.#isCut) one.pause();
        one.on("error", () => {}).on("data", (bytes) => void other.write(bytes));
        // While it is cut, whoever goes leaves the other in the dark.
        one.on("close", () => void (this.#isCut || other.destroy()));
      }
    });
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** What comes from now on is kept, whichever way it goes. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was kept arrives. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
