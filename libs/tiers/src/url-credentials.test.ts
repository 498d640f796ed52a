import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import { directoryWith } from "@tandem/platform/testing";
import { loadTandem } from "./load.ts";

const file = (place: "jwks" | "otlp" | "consul" | "instance", user: string): string => {
  const at = (name: string) => (name === place ? user : "");
  return `security:
  assertion: { keys: a }
  issuers: [ { name: corp, type: jwt, issuer: corp, audience: a, jwks: "https://${at("jwks")}login.test/jwks" } ]
  routingTier: { discovery: static, instances: ["https://${at("instance")}localhost:8081"] }
consul: { address: "http://${at("consul")}127.0.0.1:8500" }
traces: { otlp: "http://${at("otlp")}jaeger:4318" }
`;
};

const places = [
  { place: "jwks", saying: /issuers\[0\]\.jwks: .*no user and no password/ },
  { place: "otlp", saying: /traces\.otlp: .*no user and no password/ },
  { place: "consul", saying: /consul\.address: .*origin/ },
  { place: "instance", saying: /instances\[0\]: .*origin/ },
] as const;

for (const { place, saying } of places)
  for (const user of ["operator:hunter2@", "hunter2@", ":hunter2@"])
    test(`credentials in a URL are refused at their place and not shown: ${user} in ${place}`, (t) => {
      const told = (given: string): string => {
        const loaded = loadTandem(join(directoryWith(t, { "tandem.yaml": file(place, given) }), "tandem.yaml"));
        return loaded.ok ? "" : loaded.diagnostics.map(formatDiagnostic).join("\n");
      };
      assert.match(told(user), saying);
      assert.doesNotMatch(told(user), /hunter2/);
      assert.doesNotMatch(told(""), saying);
    });
