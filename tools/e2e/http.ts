import { connect } from "node:tls";
import type { Answer } from "@tandem/platform/testing";
import { Agent, request } from "undici";

/** Trusts the development certificates, whoever signed them; for tests against our own processes alone. */
const trustingAgent = (): Agent => new Agent({ connect: { rejectUnauthorized: false } });

const kept = trustingAgent();

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** On a connection of its own, as a new caller would come. */
  readonly fresh?: boolean;
}

/** Sends one request, as `curl -k` would. */
export async function ask(url: string, asked: Asked = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body = null, fresh = false } = asked;
  const dispatcher = fresh ? trustingAgent() : kept;
  try {
    const response = await request(url, { method, headers, body, dispatcher });
    const text = await response.body.text();
    const json: unknown = /json/.test(String(response.headers["content-type"])) ? JSON.parse(text) : undefined;
    return { status: response.statusCode, headers: response.headers, text, json };
  } finally {
    if (fresh) await dispatcher.close();
  }
}

/** An access token for one of the demo clients, from the gateway's own token endpoint. */
export async function tokenOf(publicUrl: string, client: string, secret: string): Promise<string> {
  const answer = await ask(`${publicUrl}/oauth/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  if (answer.status !== 200) throw new Error(`no token for ${client}: ${answer.status} ${answer.text}`);
  return answer.json.access_token;
}

export const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

/** Sends bytes as they are over TLS, where a client would tidy them up, and gives all that comes back. */
export async function askRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({
    host: hostname,
    port: Number(port),
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
  });
  socket.write(bytes);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}
