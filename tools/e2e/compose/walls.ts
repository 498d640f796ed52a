import assert from "node:assert/strict";
import { test } from "node:test";
import { compose, inside } from "./stack.ts";

/** Who may talk to whom inside, and who holds which key. */
export function walls(): void {
  test("the routing tier shakes hands with nobody but the security tier", async () => {
    const direct = `
      import tls from "node:tls";
      const socket = tls.connect({ host: "routing-gateway", port: 8081, rejectUnauthorized: false });
      socket.on("connect", () => console.log("connected"));
      socket.on("secureConnect", () => socket.write("GET /orders HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"));
      socket.on("data", (data) => { console.log("answered", String(data).slice(0, 40)); process.exit(); });
      socket.on("error", (error) => { console.log(error.code); process.exit(); });
      socket.on("close", () => process.exit());`;
    const said = await inside("catalog", direct);
    // Somebody listens there, and asks for a certificate that we cannot show.
    assert.match(said, /^connected\n(ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED|ECONNRESET)$/);
  });

  test("with the tier's certificate and no assertion the answer is 401", async () => {
    const direct = `
      import https from "node:https"; import { readFileSync } from "node:fs";
      const tls = { cert: readFileSync("/keys/security/client.crt"), key: readFileSync("/keys/security/client.key"),
        ca: readFileSync("/keys/public/ca.crt"), servername: "routing-gateway" };
      https.get({ host: "routing-gateway", port: 8081, path: "/orders", ...tls }, async (response) => {
        let text = ""; for await (const chunk of response) text += chunk;
        console.log(response.statusCode, JSON.parse(text).type);
      });`;
    assert.equal(await inside("security-gateway", direct), "401 urn:tandem:problem:assertion.missing");
  });

  test("the private keys of a tier are mounted nowhere else", async () => {
    const config = JSON.parse(await compose("config", "--format", "json"));
    const holders = (volume: string) =>
      Object.entries<any>(config.services)
        .filter(([, service]) => (service.volumes ?? []).some((mount: any) => mount.source === volume))
        .map(([name]) => name);
    assert.deepEqual(holders("security-keys").toSorted(), ["keys", "security-gateway"]);
    assert.deepEqual(holders("routing-keys").toSorted(), ["keys", "routing-gateway"]);
  });

  test("the containers run as nobody special", async () => {
    for (const service of ["security-gateway", "routing-gateway", "catalog"])
      assert.notEqual(await inside(service, "console.log(process.getuid())"), "0", service);
  });
}
