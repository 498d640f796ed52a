// What stands behind the gateways: a service that answers 1 KiB, and a collector that takes whatever it is sent.
// `node backend.ts SERVICE-PORT COLLECTOR-PORT [INSTANCES]`: the instances have ports that follow each other.
import { createServer } from "node:http";

const [service = 0, collector, instances = 1] = process.argv.slice(2).map(Number);
const body = Buffer.alloc(1024, "x");
const head = ["content-type", "text/plain", "content-length", String(body.length)];

for (let instance = 0; instance < instances; instance++)
  createServer((request, response) => {
    request.resume();
    response.writeHead(200, head).end(body);
  }).listen(service + instance, "127.0.0.1").keepAliveTimeout = 75_000;

createServer((request, response) => {
  request.resume().on("end", () => response.writeHead(200).end());
}).listen(collector, "127.0.0.1");

process.once("SIGTERM", () => process.exit(0));
