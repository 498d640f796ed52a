import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { directoryWith } from "@tandem/platform/testing";
import { createKeyFile } from "./create-key-file.ts";
import { publicKeysFault, publishingFault, signingKeysFault, unwritableFault } from "./directory-fault.ts";
import { emptyDirectory } from "./testing.ts";

test("a directory of usable keys has no fault, whatever else is in it", async (t) => {
  const [directory, publicDirectory] = [directoryWith(t, { "a.json": "{", "notes.txt": "x" }), await emptyDirectory(t)];
  await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  assert.equal(signingKeysFault(directory, "EdDSA"), undefined);
  assert.equal(publicKeysFault(publicDirectory, "EdDSA"), undefined);
});

test("a directory that is missing, or none at all, is told by name", (t) => {
  const directory = directoryWith(t, { file: "x" });
  assert.equal(signingKeysFault(join(directory, "gone"), "EdDSA"), `${join(directory, "gone")} does not exist`);
  assert.equal(publicKeysFault(join(directory, "file"), "EdDSA"), `${join(directory, "file")} is no directory`);
});

const nothing = "holds no usable key file (*.json)";
const useless: { name: string; files: Record<string, string>; expected: string }[] = [
  { name: "nothing", files: {}, expected: nothing },
  { name: "drafts and notes alone", files: { ".a.json": "{}", "notes.txt": "x" }, expected: nothing },
  { name: "no JSON", files: { "a.json": '{"d":"very secret' }, expected: `${nothing}; a.json: it is not JSON` },
  {
    name: "no key",
    files: { "a.json": "[]", "b.json": "{}" },
    expected: `${nothing}; a.json: it holds no private key (JWK)`,
  },
  {
    name: "a key of an unknown type",
    files: { "a.json": '{"kty":"OKP","crv":"Ed25519","d":"x"}' },
    expected: `${nothing}; a.json: it is not a private key of a known type`,
  },
];
for (const { name, files, expected } of useless)
  test(`a directory that holds ${name} is a fault, with the reason of the first file`, (t) => {
    const directory = directoryWith(t, files);
    assert.equal(signingKeysFault(directory, "EdDSA"), `${directory} ${expected}`);
  });

test("a key of another algorithm is no key", async (t) => {
  const directory = await emptyDirectory(t);
  const kid = await createKeyFile(directory, { algorithm: "RS256" });
  const reason = "its algorithm is not accepted, or it is too short for it";
  assert.equal(signingKeysFault(directory, "EdDSA"), `${directory} ${nothing}; ${kid}.json: ${reason}`);
});

test("a private key among public ones is a fault, although there are others", async (t) => {
  const [directory, publicDirectory] = [await emptyDirectory(t), await emptyDirectory(t)];
  await createKeyFile(directory, { algorithm: "EdDSA", publicDirectory });
  const kid = await createKeyFile(publicDirectory, { algorithm: "EdDSA" });
  assert.match(publicKeysFault(publicDirectory, "EdDSA") ?? "", new RegExp(`: ${kid}\\.json holds a private key`));
});

const away = (t: TestContext) => directoryWith(t, {});
const keyOf = (directory: string, publicDirectory: string, now?: number) =>
  createKeyFile(directory, { algorithm: "EdDSA", publicDirectory, ...(now !== undefined && { now }) });

test("keys are published where the one that signs now is found, waiting ones or old ones alone are not enough", async (t) => {
  const [directory, publicDirectory] = [away(t), away(t)];
  const fault = () => publishingFault(directory, publicDirectory, "EdDSA");
  assert.equal(fault(), `${publicDirectory} ${nothing}`);
  const old = await keyOf(directory, publicDirectory, 1_000_000);
  await keyOf(directory, publicDirectory, Date.now() + 60_000);
  assert.equal(fault(), undefined);
  const other = await keyOf(directory, away(t), 2_000_000);
  assert.equal(fault(), `${publicDirectory} does not hold the public half of ${other}, which signs now`);
  assert.notEqual(old, other);
});

test("a directory that can be written has no fault, one that is not there or may not be written has", (t) => {
  const directory = away(t);
  assert.equal(unwritableFault(directory), undefined);
  assert.equal(unwritableFault(join(directory, "gone")), `${join(directory, "gone")} does not exist`);
  // Where even root may not write.
  if (process.platform === "linux")
    assert.equal(unwritableFault("/proc/self"), "/proc/self may not be written by this process");
});
