interface FetchOptions {
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds for all of it, the body included. */
  readonly timeout: number;
  /** Bytes. */
  readonly limit: number;
}

/** Fetches a small text, or rejects: in time, whatever the other end does, and never with more than the limit in memory. */
export async function fetchDocument(url: string, { fetch, timeout, limit }: FetchOptions): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: "application/jwk-set+json, application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(timeout),
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the body and closes the connection.
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) throw new Error(`${url} answered with more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
