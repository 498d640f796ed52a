/** Headers as they are on the wire: name, value, name, value. A list handed to stages has lower-case names. */
export type HeaderList = readonly string[];

/** The first value under a lower-case name. */
export function firstValue(headers: HeaderList, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) return headers[index + 1];
  return undefined;
}

/** Every value under a lower-case name, one an entry, however many lines there were. */
export function allValues(headers: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) values.push(headers[index + 1]!);
  return values;
}

/** Puts a value under a lower-case name in the place of what the list has there, or at its end. */
export function setValue(headers: string[], name: string, value: string): void {
  for (let index = 0; index < headers.length; index += 2)
    if (headers[index] === name) {
      headers[index + 1] = value;
      return;
    }
  headers.push(name, value);
}

/** The edits of a list of headers: what was set or dropped wins over what the list holds. */
export class HeaderEdits {
  readonly #dropped: string[] = [];
  readonly #added: string[] = [];

  /** Sets one value under a lower-case name, in place of all others. */
  set(name: string, value: string): void {
    this.drop(name);
    this.#added.push(name, value);
  }

  /** Adds one value under a lower-case name, beside all others. */
  add(name: string, value: string): void {
    this.#added.push(name, value);
  }

  /** Takes every value under a lower-case name away. */
  drop(name: string): void {
    if (!this.#dropped.includes(name)) this.#dropped.push(name);
    for (let index = this.#added.length - 2; index >= 0; index -= 2)
      if (this.#added[index] === name) this.#added.splice(index, 2);
  }

  /** Lets the list say something else, or nothing, under a lower-case name, unless that is taken away already; what was added stays. */
  amend(name: string, value: string | undefined): void {
    if (this.#dropped.includes(name)) return;
    this.#dropped.push(name);
    if (value !== undefined) this.#added.push(name, value);
  }

  /** The list without what was taken away, and with nothing added: for what is no head, such as trailers. */
  leaveOut(headers: HeaderList): string[] {
    const left: string[] = [];
    for (let index = 0; index < headers.length; index += 2)
      if (!this.#dropped.includes(headers[index]!)) left.push(headers[index]!, headers[index + 1]!);
    return left;
  }

  /** The list, whose names are lower case, with the edits made: a new one that the caller may go on with. */
  applyTo(headers: HeaderList): string[] {
    const edited = this.leaveOut(headers);
    for (const part of this.#added) edited.push(part);
    return edited;
  }
}
