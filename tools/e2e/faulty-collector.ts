// A collector that fails on demand, as a process of its own so that it can be killed and frozen.
// `node faulty-collector.ts PORT CONTROL-PORT`
import { createServer } from "node:http";
import { startOtlpReceiver, type Behaviour } from "@tandem/platform/telemetry/testing";

const [port, controlPort] = process.argv.slice(2).map(Number);
const receiver = await startOtlpReceiver(port);

const control = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://control");
  const behaviour = searchParams.get("like") ?? "";
  if (pathname === "/behave") receiver.behave((/^\d+$/.test(behaviour) ? Number(behaviour) : behaviour) as Behaviour);
  const taken = { spans: receiver.spans.length, lines: receiver.logs.length };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(taken));
});
control.listen(controlPort, "127.0.0.1", () => console.log("the collector listens"));
