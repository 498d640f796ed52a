import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// A service for a test that kills it: it says where it listens, and answers until then.
const server = createServer((_, response) => response.end("ok"));
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());
