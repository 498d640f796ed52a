// A service that fails on demand, as a process of its own so that it can be killed and frozen.
// `node faulty-service.ts PORT NAME`
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [port, name = ""] = process.argv.slice(2);
/** Requests so far, by method, beside those of the test itself. */
const seen: Record<string, number> = {};
/** What a test has told this instance to be like. */
const temper = { slowness: 0, status: 200 };

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(port), "127.0.0.1", () => console.log(`${name} listens`));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://service");
  request.resume();
  if (pathname === "/temper") {
    temper.slowness = Number(searchParams.get("slowness") ?? 0);
    temper.status = Number(searchParams.get("status") ?? 200);
    return void response.end();
  }
  if (pathname === "/seen")
    return void response.setHeader("content-type", "application/json").end(JSON.stringify(seen));
  seen[request.method ?? ""] = (seen[request.method ?? ""] ?? 0) + 1;
  if (pathname.endsWith("/half")) {
    response.writeHead(200, { "content-length": "1000", "x-instance": name });
    return void response.write("not even", () => response.destroy());
  }
  if (temper.slowness > 0) await sleep(temper.slowness);
  response.writeHead(temper.status, { "x-instance": name }).end(name);
}
