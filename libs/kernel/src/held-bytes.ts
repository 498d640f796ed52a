/** What bodies that are held whole may take of the memory, all together; one account for each generation of a tier. */
export class HeldBytes {
  /** Bytes that may be spoken for. */
  readonly most: number;
  #now = 0;

  constructor(most: number) {
    this.most = most;
  }

  /** Bytes that are spoken for at this moment. */
  get now(): number {
    return this.#now;
  }

  /** Speaks for that many bytes; undefined where there is no room for them. */
  reserve(bytes: number): Reservation | undefined {
    if (this.#now + bytes > this.most) return undefined;
    this.#now += bytes;
    return new Reservation(this, bytes);
  }

  /** Takes bytes back; called by the reservation that they belong to. */
  give(bytes: number): void {
    this.#now -= bytes;
  }
}

/** The room of one body, for as long as anybody has use for the body. */
export class Reservation {
  readonly #account: HeldBytes;
  #bytes: number;
  #users = 1;

  constructor(account: HeldBytes, bytes: number) {
    this.#account = account;
    this.#bytes = bytes;
  }

  /** Gives back what turned out not to be needed. */
  shrink(bytes: number): void {
    if (bytes >= this.#bytes) return;
    this.#account.give(this.#bytes - bytes);
    this.#bytes = bytes;
  }

  /** Somebody else has use for the body too, and will release it. */
  keep(): void {
    this.#users++;
  }

  /** One user less; the last one gives the room back. */
  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#account.give(this.#bytes);
    this.#bytes = 0;
  }
}
