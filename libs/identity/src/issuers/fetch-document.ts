import { freshFor } from "./fresh-for.ts";

interface FetchOptions {
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds for all of it, the body included. */
  readonly timeout: number;
  /** Bytes. */
  readonly limit: number;
  /** What is asked, where it is more than the URL. */
  readonly post?: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
}

/** A text from elsewhere. */
export interface FetchedDocument {
  readonly text: string;
  /** Milliseconds for which its origin wants it kept, where it says so. */
  readonly freshFor: number | undefined;
}

/** The other end answered, but not with what it was asked for. */
export class UnexpectedStatus extends Error {
  readonly status: number;

  constructor(url: string, status: number) {
    super(`${url} answered ${status}`);
    this.status = status;
  }
}

/** Fetches a small text, or rejects: in time, whatever the other end does, and never with more than the limit in memory. */
export async function fetchDocument(url: string, options: FetchOptions): Promise<FetchedDocument> {
  const { fetch, timeout, limit, post } = options;
  const response = await fetch(url, {
    ...(post && { method: "POST", body: post.body }),
    headers: { accept: "application/jwk-set+json, application/json", ...post?.headers },
    redirect: "error",
    signal: AbortSignal.timeout(timeout),
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new UnexpectedStatus(url, response.status);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the body and closes the connection.
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) throw new Error(`${url} answered with more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString(), freshFor: freshFor(response.headers) };
}

/** Why a fetch failed, for the log: `fetch` says what went wrong only in the cause of its error. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
