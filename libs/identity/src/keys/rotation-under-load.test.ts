// Several gateways whose clocks differ vouch and verify without a pause, over several rotations of the files that they share.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@tandem/platform/clock";
import { silentLogger } from "@tandem/platform/log/silent-logger";
import { exchangeOf } from "@tandem/kernel/testing";
import { fixedClock } from "@tandem/platform/testing";
import { acceptAssertion, assert as assertStage } from "../assertion/stage.ts";
import { createKeyFile } from "./create-key-file.ts";
import { openPublicKeys } from "./public-keys.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { openSigningKeys } from "./signing-keys.ts";
import { emptyDirectory } from "./testing.ts";

const peer = { address: "10.0.0.2", port: 1 };
const options = { algorithm: "EdDSA", logger: silentLogger, interval: 20 } as const;

test("no assertion is refused over four rotations, whoever's clock is ahead or behind", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  const time = fixedClock(1_700_000_000_000);
  const shifted = (ms: number): Clock => ({ now: () => time.now() + ms, monotonic: () => time.monotonic() });
  await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory, now: time.now() - 1000 });
  const tiers = await Promise.all(
    [-2000, 0, 2000].map(async (offset) => {
      const clock = shifted(offset);
      const [keys, known] = [
        await openSigningKeys(directory, { ...options, clock }),
        await openPublicKeys(publicDirectory, options),
      ];
      t.after(() => [keys.close(), known.close()]);
      return { vouch: assertStage({ keys, clock }), accept: acceptAssertion({ keys: known, clock }) };
    }),
  );
  const signedWith = new Set<string>();
  const refused: unknown[] = [];
  let crossed = 0;
  const cross = async (): Promise<void> => {
    for (const { vouch } of tiers) {
      const out = exchangeOf({ peer }).exchange;
      out.principal = { subject: "me", scopes: [], roles: [], method: "jwt" };
      await vouch.run(out);
      const headers = out.outgoing.applyTo([]);
      const [header = ""] = (headers[headers.indexOf("tandem-assertion") + 1] ?? "").split(".");
      signedWith.add(JSON.parse(Buffer.from(header, "base64url").toString()).kid);
      for (const { accept } of tiers) {
        crossed++;
        const { exchange } = exchangeOf({ rawHeaders: headers, peer });
        await (async () => accept.run(exchange))().catch((error: unknown) => refused.push(error));
      }
    }
  };
  const times = { algorithm: "EdDSA", publicDirectory, lead: 5000, retireAfter: 60_000 } as const;
  for (let rotation = 0; rotation < 4; rotation++) {
    await rotateKeys(directory, times, { clock: time });
    for (let seconds = 0; seconds < 70; seconds += 2.5) {
      for (const end = performance.now() + 25; performance.now() < end; await sleep(1)) await cross();
      time.advance(2500);
    }
  }
  assert.deepEqual(refused, []);
  assert.equal(signedWith.size, 5);
  assert.ok(crossed > 1000, String(crossed));
  assert.equal((await readdir(directory)).length, 2);
  t.diagnostic(`${crossed} assertions accepted`);
});
