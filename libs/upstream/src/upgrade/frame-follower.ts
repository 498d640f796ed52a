/** A header of RFC 6455 §5.2 is at most that long: two bytes, eight of length, four of mask. */
const longestHeader = 14;
const close = 0x8;

/**
 * Follows the frames of one direction of a WebSocket and knows where one ends. It counts bytes, and neither keeps nor
 * changes any of a payload; once it has met what no frame begins with, it is lost for good.
 */
export class FrameFollower {
  /** What these bytes are is not known: nothing may be put between them. */
  lost = false;
  /** A close frame has gone by, behind which there is nothing more. */
  closed = false;
  readonly #masked: boolean;
  readonly #header = new Uint8Array(longestHeader);
  #gathered = 0;
  #needed = 2;
  #payload = 0;

  /** `masked` as the client's frames are, and the service's are not. */
  constructor({ masked }: { readonly masked: boolean }) {
    this.#masked = masked;
  }

  /** No frame has begun that has not ended. */
  get atBoundary(): boolean {
    return this.#gathered === 0;
  }

  /** Takes in all of the next bytes. */
  follow(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.lost;) at = this.step(bytes, at);
  }

  /** Takes in bytes from `at` on, to the end of the present frame and not further; gives where it stopped. */
  step(bytes: Uint8Array, at: number): number {
    if (this.lost) return bytes.length;
    let next = at;
    while (this.#gathered < this.#needed && next < bytes.length) {
      this.#header[this.#gathered++] = bytes[next++]!;
      if (this.#gathered === 2) this.#readStart();
      if (this.#gathered === this.#needed) this.#readLength();
      if (this.lost) return bytes.length;
    }
    if (this.#gathered < this.#needed) return next;
    const taken = Math.min(this.#payload, bytes.length - next);
    this.#payload -= taken;
    if (this.#payload === 0) this.#endFrame();
    return next + taken;
  }

  #readStart(): void {
    const [first = 0, second = 0] = this.#header;
    const opcode = first & 0x0f;
    const length = second & 0x7f;
    const control = opcode >= close;
    // 3 to 7 and 11 to 15 mean nothing; a control frame is whole and short (§5.5); only one side masks (§5.1).
    if (opcode % 8 > 2 || (control && (length > 125 || first < 0x80)) || second >= 0x80 !== this.#masked)
      this.lost = true;
    this.#needed = 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (this.#masked ? 4 : 0);
  }

  #readLength(): void {
    const header = this.#header;
    const length = header[1]! & 0x7f;
    const bytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    this.#payload = bytes === 0 ? length : 0;
    for (let index = 2; index < 2 + bytes; index++) this.#payload = this.#payload * 256 + header[index]!;
    // Nobody sends a frame that takes centuries, and beyond this numbers are not exact.
    if (this.#payload > Number.MAX_SAFE_INTEGER) this.lost = true;
  }

  #endFrame(): void {
    if ((this.#header[0]! & 0x0f) === close) this.closed = true;
    this.#gathered = 0;
    this.#needed = 2;
  }
}
