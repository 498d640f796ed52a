import type { ServerResponse } from "node:http";

/** Answers with JSON, in whole. */
export function answerJson(
  response: ServerResponse,
  status: number,
  { value, headers = {} }: { value: unknown; headers?: Readonly<Record<string, string>> },
): void {
  const text = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
