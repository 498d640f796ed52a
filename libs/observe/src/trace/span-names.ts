/** The methods that semantic conventions know; a client may send any other, and names must stay few. */
const known: ReadonlySet<string> = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "QUERY",
  "TRACE",
]);

/** Tells whether a method may stand in names and labels. */
export const isKnownMethod = (method: string): boolean => known.has(method);

/** The name of a span: the method, and what it is about where that is one of few. */
export function spanName(method: string, subject: string | undefined): string {
  const verb = isKnownMethod(method) ? method : "HTTP";
  return subject ? `${verb} ${subject}` : verb;
}
