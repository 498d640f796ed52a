import type { Duplex } from "node:stream";
import { FrameFollower } from "./frame-follower.ts";

/** One direction of an open WebSocket: what `source` sends is piped to `sink` by others, and followed here, until a close frame of ours has to end it. */
export class Direction {
  /** Our close frame is out. */
  said = false;
  readonly #source: Duplex;
  readonly #sink: Duplex;
  readonly #frames: FrameFollower;
  /** Told after anything that came, and after our close frame. */
  readonly #progress: () => void;
  #farewell: Buffer | undefined;

  constructor(source: Duplex, sink: Duplex, { masked, progress }: { masked: boolean; progress: () => void }) {
    this.#source = source;
    this.#sink = sink;
    this.#frames = new FrameFollower({ masked });
    this.#progress = progress;
    source.on("data", this.#follow);
  }

  /** Its close frame has gone by, whether it was passed on or not. */
  get closed(): boolean {
    return this.#frames.closed;
  }

  /** What goes by is no WebSocket. */
  get lost(): boolean {
    return this.#frames.lost;
  }

  /** Ends it with this frame as soon as the present one has gone out whole; what comes after that reaches nobody. */
  endWith(farewell: Buffer): void {
    this.#farewell = farewell;
    this.#source.off("data", this.#follow).unpipe(this.#sink);
    if (this.#frames.atBoundary) this.#say();
    this.#source.on("data", this.#finish).resume();
  }

  readonly #follow = (chunk: Buffer): void => {
    this.#frames.follow(chunk);
    this.#progress();
  };

  readonly #finish = (chunk: Buffer): void => {
    let at = 0;
    if (!this.said) {
      at = this.#frames.step(chunk, 0);
      const room = this.#sink.write(chunk.subarray(0, at));
      if (this.#frames.atBoundary) this.#say();
      else if (!room) {
        this.#source.pause();
        this.#sink.once("drain", () => this.#source.resume());
      }
    }
    this.#frames.follow(chunk.subarray(at));
    this.#progress();
  };

  #say(): void {
    this.said = true;
    this.#sink.write(this.#farewell);
  }
}
