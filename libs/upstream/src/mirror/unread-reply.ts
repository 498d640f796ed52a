import { HeaderEdits, type HeaderList } from "@tandem/kernel/header-list";
import type { Reply } from "@tandem/kernel/reply";

/** Takes an answer that nobody will see, as fast as it comes. */
export class UnreadReply implements Reply {
  status = 0;
  bytes = 0;
  gone = false;
  readonly added: HeaderList = [];
  readonly edits: HeaderEdits = new HeaderEdits();
  readonly #onEnd: (whole: boolean) => void;

  constructor(onEnd: (whole: boolean) => void) {
    this.#onEnd = onEnd;
  }

  get started(): boolean {
    return this.status !== 0;
  }

  add(): void {}

  set(): void {}

  send(status: number): void {
    this.status = status;
    this.end();
  }

  start(status: number): void {
    this.status = status;
  }

  write(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    return true;
  }

  onDrain(): void {}

  end(): void {
    this.gone = true;
    this.#onEnd(true);
  }

  destroy(): void {
    this.gone = true;
    this.#onEnd(false);
  }
}
