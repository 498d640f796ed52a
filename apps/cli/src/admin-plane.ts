import { readFile } from "node:fs/promises";

/** How to ask an admin plane. */
export interface Asking {
  readonly token: string;
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: object | undefined;
  /** How long it may take, in milliseconds. */
  readonly patience?: number;
}

/** What it answers; no JSON is `undefined`. */
export interface AdminAnswer {
  readonly status: number;
  readonly json: unknown;
}

/** Asks an admin plane; rejects with a sentence for the terminal where it does not answer, or does not let us in. */
export async function askAdmin(plane: string, path: string, asking: Asking): Promise<AdminAnswer> {
  const { token, method = "GET", body, patience = 3_000 } = asking;
  const silent = (cause: unknown): never => {
    throw new Error(`${plane} does not answer: is Tandem running? (--admin names other addresses)`, { cause });
  };
  const answer = await fetch(plane + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(patience),
  }).catch(silent);
  const text = await answer.text().catch(silent);
  if (answer.status === 401) throw new Error(`${plane} does not accept the admin token`);
  return { status: answer.status, json: jsonOf(text) };
}

/** Reads the admin token; rejects with a sentence that says how to name another file. */
export async function readAdminToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new Error(`the admin token cannot be read from ${file} (--token-file names another file)`, { cause });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
