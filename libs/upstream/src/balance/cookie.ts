const semicolon = 59;
const equals = 61;
const space = 32;
const tab = 9;

/** The value of the first cookie of that name in a `cookie` header. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  const start = find(header, name, 0);
  if (start < 0) return undefined;
  return header.slice(start + name.length + 1, endOf(header, start)).trim();
}

/** A `cookie` header without any cookie of that name; empty where there is no other. */
export function withoutCookie(header: string, name: string): string {
  let rest = header;
  for (let start = find(rest, name, 0); start >= 0; start = find(rest, name, start)) {
    const before = rest.slice(0, start);
    const after = rest.slice(endOf(rest, start) + 1).trimStart();
    // What stood before it ends in a semicolon and a space, which only a further cookie makes good.
    if (after === "") return before.slice(0, endOfLast(before));
    rest = before + after;
  }
  return rest;
}

/** Where a cookie of that name begins; the same letters within another name or value are none. */
function find(header: string, name: string, from: number): number {
  for (let at = header.indexOf(name, from); at >= 0; at = header.indexOf(name, at + 1)) {
    if (header.charCodeAt(at + name.length) !== equals) continue;
    let before = at - 1;
    while (before >= 0 && isBlank(header.charCodeAt(before))) before--;
    if (before < 0 || header.charCodeAt(before) === semicolon) return at;
  }
  return -1;
}

/** Where the last cookie ends. By hand: a pattern would try again at each of the semicolons that a stranger lines up. */
function endOfLast(header: string): number {
  let end = header.length;
  while (end > 0 && (header.charCodeAt(end - 1) === semicolon || isBlank(header.charCodeAt(end - 1)))) end--;
  return end;
}

function endOf(header: string, start: number): number {
  const end = header.indexOf(";", start);
  return end < 0 ? header.length : end;
}

const isBlank = (unit: number): boolean => unit === space || unit === tab;
