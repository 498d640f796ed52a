import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { HeaderEdits, setValue, type HeaderList } from "./header-list.ts";
import type { Reply } from "./reply.ts";

/** Refuses an upgrade with a proper HTTP answer on the bare socket. An upgrade that succeeds is written by the upgrade proxy. */
export class SocketReply implements Reply {
  readonly #socket: Duplex;
  readonly #added: string[] = [];
  #edits: HeaderEdits | undefined;
  #status = 0;
  #bytes = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get status(): number {
    return this.#status;
  }

  get started(): boolean {
    return this.#status !== 0;
  }

  get gone(): boolean {
    return this.#socket.destroyed;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get added(): HeaderList {
    return this.#added;
  }

  add(name: string, value: string): void {
    this.#added.push(name, value);
  }

  set(name: string, value: string): void {
    setValue(this.#added, name, value);
  }

  get edits(): HeaderEdits {
    return (this.#edits ??= new HeaderEdits());
  }

  send(status: number, headers: string[], body: string): void {
    this.#open(status, [...headers, "content-length", String(Buffer.byteLength(body))]);
    this.write(Buffer.from(body));
    this.end();
  }

  start(status: number, headers: string[]): void {
    this.#open(status, this.#edits ? this.#edits.applyTo(headers) : headers);
  }

  #open(status: number, headers: HeaderList): void {
    this.#status = status;
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`];
    for (const list of [this.#added, headers])
      for (let index = 0; index < list.length; index += 2) lines.push(`${list[index]}: ${list[index + 1]}`);
    this.#socket.write(`${lines.join("\r\n")}\r\nconnection: close\r\n\r\n`);
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    return this.#socket.write(chunk);
  }

  onDrain(listener: () => void): void {
    this.#socket.on("drain", listener);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
