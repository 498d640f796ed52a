import type { HeaderEdits, HeaderList } from "./header-list.ts";

/** Where the answer goes. There is one kind for ordinary exchanges, one for upgrades, one for dry runs. */
export interface Reply {
  /** 0 until the head is out. */
  readonly status: number;
  /** The head is out: no other answer can be given. */
  readonly started: boolean;
  /** The client left, or we broke off: nothing more arrives anywhere. */
  readonly gone: boolean;
  /** Bytes of body handed to the connection. */
  readonly bytes: number;
  /** What `add` has gathered so far, for Express, which writes its own heads. */
  readonly added: HeaderList;
  /** Adds a header to whatever answer will be given. */
  add(name: string, value: string): void;
  /** Adds a header in place of one that was added under that name before; names are lower case. */
  set(name: string, value: string): void;
  /** What becomes of the headers of the next hop's answer. What we say ourselves, a problem above all, knows nothing of them. */
  readonly edits: HeaderEdits;
  /** Answers at once and in whole; the list of headers is given away. */
  send(status: number, headers: string[], body: string): void;
  /** Opens the streamed answer of the next hop; the names of its headers are lower case. */
  start(status: number, headers: string[]): void;
  /** False when the reader is slow: wait for `onDrain`. */
  write(chunk: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** Trailers are told where the client's protocol has a place for them. */
  end(trailers?: HeaderList): void;
  /** Breaks the answer off, so that the client cannot take it for whole. */
  destroy(): void;
}
