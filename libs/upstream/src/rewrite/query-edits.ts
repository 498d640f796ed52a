/** What is made of a query: the names that are taken out of it, and what is put at its end. */
export interface QueryEdits {
  readonly taken: ReadonlySet<string>;
  /** Encoded, or empty. */
  readonly appended: string;
}

interface QueryOptions {
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly remove?: readonly string[] | undefined;
}

/** Compiles the edits; names are plain, values are encoded here. */
export function compileQueryEdits({ set = {}, remove = [] }: QueryOptions): QueryEdits {
  const appended = Object.entries(set).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return { taken: new Set([...Object.keys(set), ...remove]), appended: appended.join("&") };
}

// Some servers part a query at semicolons too: what must not reach them must not hide behind one either.
const separators = /([&;])/;

/** The query, with its question mark or empty, after the edits; what they do not touch stays as it was written. */
export function editQuery(query: string, { taken, appended }: QueryEdits): string {
  const pieces = query.slice(1).split(separators);
  let kept = "";
  for (let index = 0; index < pieces.length; index += 2) {
    const piece = pieces[index]!;
    if (piece === "" || taken.has(nameOf(piece))) continue;
    kept += (kept === "" ? "" : pieces[index - 1]!) + piece;
  }
  if (appended !== "") kept += (kept === "" ? "" : "&") + appended;
  return kept === "" ? "" : `?${kept}`;
}

/** The name as a service reads it; an escaped letter is that letter. */
function nameOf(piece: string): string {
  const equals = piece.indexOf("=");
  const name = equals < 0 ? piece : piece.slice(0, equals);
  return name.includes("%") ? name.replaceAll(escape, byteOf) : name;
}

const escape = /%[0-9a-f]{2}/gi;

const byteOf = (escaped: string): string => String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
