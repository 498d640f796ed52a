import assert from "node:assert/strict";
import { test } from "node:test";
import { help, parseOptions, UsageError } from "./options.ts";

test("without options all services run, two instances each, on the ports that the README names", () => {
  const options = parseOptions([]);
  assert.ok(options !== "help");
  assert.deepEqual(
    options.instances.map(({ port }) => port),
    [7101, 7102, 7201, 7202, 7301, 7302],
  );
  assert.deepEqual([options.host, options.register, options.otlp], ["127.0.0.1", undefined, undefined]);
});

test("a container runs one instance, registers it and sends spans", () => {
  const line = "--service orders --port 8080 --host 0.0.0.0 --register http://consul:8500 --otlp http://jaeger:4318";
  assert.deepEqual(parseOptions(line.split(" "), { host: "3f2a" }), {
    instances: [{ service: "orders", port: 8080, instance: "orders-3f2a" }],
    host: "0.0.0.0",
    register: { consul: "http://consul:8500", address: undefined },
    otlp: "http://jaeger:4318",
  });
});

test("an instance may be named", () => {
  const options = parseOptions(["--service", "echo", "--instance", "mine"]);
  assert.deepEqual(options !== "help" && options.instances, [{ service: "echo", port: 8080, instance: "mine" }]);
});

const wrong = [
  { line: "--service payments", saying: /catalog, orders, echo/ },
  { line: "--service echo --port 70000", saying: /65535/ },
  { line: "--service echo --port http", saying: /65535/ },
  { line: "--port 8080", saying: /go with --service/ },
  { line: "--service echo --address 10.0.0.1", saying: /goes with --register/ },
  { line: "--register consul:8500", saying: /--register is an http/ },
  { line: "--otlp jaeger", saying: /--otlp is an http/ },
  { line: "--unknown", saying: /unknown/ },
  { line: "catalog", saying: /catalog/ },
];
for (const { line, saying } of wrong) {
  test(`${line} is refused with a sentence`, () => {
    assert.throws(
      () => parseOptions(line.split(" ")),
      (error) => error instanceof UsageError && saying.test(error.message),
    );
  });
}

test("every option stands in the help", () => {
  assert.equal(parseOptions(["--help"]), "help");
  for (const flag of ["service", "port", "instance", "host", "register", "address", "otlp", "help"])
    assert.match(help, new RegExp(`--${flag} `));
});
