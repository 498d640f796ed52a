/** The token was not accepted by the plane that serves this page. */
export class TokenRefused extends Error {}

/** A plane did not answer, or not with what was asked for; the message is for a person. */
export class NoAnswer extends Error {}

/** A plane that passes a question on gives up first, so that this is for our own alone. */
const patience = 3_000;

/** Asks our own origin for JSON; undefined where it has no such thing. */
export async function ask(path: string, token: string): Promise<unknown> {
  const answer = await fetch(path, {
    headers: { authorization: `Bearer ${token}` },
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(patience),
  }).catch(() => {
    throw new NoAnswer("does not answer");
  });
  if (answer.status === 401) throw new TokenRefused();
  const json: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return json;
  if (answer.status === 404) return undefined;
  throw new NoAnswer(titleOf(json) ?? `answers ${answer.status}`);
}

const titleOf = (json: unknown): string | undefined =>
  typeof json === "object" && json !== null && "title" in json ? String(json.title) : undefined;
