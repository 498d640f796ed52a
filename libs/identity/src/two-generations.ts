/** A bounded map that forgets what was not asked for lately: when the young generation is full, the old one is let go. */
export class TwoGenerations<Value extends {}> {
  readonly #share: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  /** At most `capacity` entries are held at any time. */
  constructor(capacity: number) {
    this.#share = Math.max(1, capacity >> 1);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  /** The same, and it does not count as asked for. */
  peek(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#share && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
