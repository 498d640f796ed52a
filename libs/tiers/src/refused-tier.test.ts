import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptAssertion, assert as vouch } from "@tandem/identity/assertion/stage";
import { createAssertionKey, signingKeysOf } from "@tandem/identity/assertion/testing";
import { createGateway } from "@tandem/kernel/gateway";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import type { RequestRecord } from "@tandem/kernel/record";
import { answer, request, serve } from "@tandem/kernel/testing";
import { hopTo, instanceAt } from "@tandem/upstream/exchange/testing";
import { forward } from "@tandem/upstream/forward/stage";

const key = createAssertionKey("k1");
const options = { connectTimeout: 500, timeout: 2000, idleTimeout: 500 };

const misfits = [
  { name: "the same key", accepted: key, now: Date.now, status: 200, saying: undefined },
  {
    name: "another key",
    accepted: createAssertionKey("k1"),
    now: Date.now,
    status: 502,
    saying: /error="assertion\.signature"/,
  },
  {
    name: "a clock that is an hour behind",
    accepted: key,
    now: () => Date.now() - 3_600_000,
    status: 502,
    saying: /error="assertion\.expired"/,
  },
];

for (const { name, accepted, now, status, saying } of misfits)
  test(`a routing tier with ${name} is a ${status} to the client`, async (t) => {
    const clock = { now, monotonic: () => 0 };
    const routing = createGateway([
      hygiene({ from: "security-tier" }),
      acceptAssertion({ keys: signingKeysOf(accepted), clock }),
      answer,
    ]);
    const instance = instanceAt(t, `http://127.0.0.1:${await serve(t, routing)}`);
    const records: RequestRecord[] = [];
    const security = createGateway(
      [
        hygiene({ from: "strangers" }),
        vouch({ keys: signingKeysOf(key) }),
        forward({ pool: hopTo([instance]).pool, options }),
      ],
      { prelude: [], observers: [(record) => void records.push(record)] },
    );
    const { status: given, json, headers } = await request(t, security);
    assert.equal(given, status);
    assert.equal(headers["www-authenticate"], undefined);
    if (!saying) return;
    assert.equal(json.type, "urn:tandem:problem:tier.failed");
    assert.match(String(records[0]?.cause), saying);
  });
