import assert from "node:assert/strict";
import { get } from "node:https";
import { consulUrl, ports, publicUrl } from "./consul-setup.ts";
import { ask } from "./http.ts";

/** Which instances answer so many requests. */
export async function instancesSeen(path: string, times: number): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: times }, () => ask(publicUrl + path)));
  return new Set(answers.map(({ headers }) => String(headers["x-demo-instance"])));
}

/** Tells the Consul agent something, as an operator would. */
export async function tellConsul(path: string, body?: object): Promise<void> {
  const answer = await ask(`${consulUrl}/v1/agent/${path}`, {
    method: "PUT",
    ...(body && { body: JSON.stringify(body) }),
  });
  assert.equal(answer.status, 200, answer.text);
}

/** The requests that a tier has counted. */
export async function requestsOf(adminPort: number): Promise<number> {
  const { text } = await ask(`http://127.0.0.1:${adminPort}/metrics`);
  return [...text.matchAll(/^tandem_requests_total\{.*\} (\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Asks the routing tier itself, as somebody on its network would. */
export function direct(tls: object): Promise<{ status: number | undefined; type: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port: ports.routing[0],
      path: "/orders",
      servername: "routing-gateway",
      rejectUnauthorized: false,
    };
    get({ ...options, ...tls }, (response) => {
      let text = "";
      response.on("data", (chunk) => void (text += String(chunk)));
      response.on("end", () => resolve({ status: response.statusCode, type: JSON.parse(text).type }));
    }).on("error", reject);
  });
}
