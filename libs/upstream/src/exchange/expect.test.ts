// A client that waits to be asked for its body, from end to end: it is asked once, by us, as soon as somebody is there to take it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dial, listening } from "@tandem/kernel/listener/testing";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { until } from "@tandem/platform/testing";
import { bothProtocols, instanceSpeaking } from "./either-protocol.testing.ts";
import type { Hop } from "./hop.ts";
import { send } from "./send.ts";
import { deadOrigin, hopTo, instanceAt, persisting, rawUpstream } from "./testing.ts";

const tierTo = (hop: Hop) => ({
  stages: [
    hygiene({ from: "strangers" }),
    { name: "send", run: (exchange: Parameters<typeof send>[0]) => exchange.act("send", () => send(exchange, hop)) },
  ],
});

const question = (framing: string): string =>
  `POST /p HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\n${framing}\r\n\r\n`;

/** What a service got: the bodies, and what was expected of it. */
interface Got {
  readonly bodies: string[];
  readonly expected: unknown[];
}

const keeping = (got: Got, status: number): Parameters<typeof instanceSpeaking>[2] =>
  async function answer(request, response) {
    let text = "";
    got.expected.push(request.headers.expect);
    for await (const piece of request) text += String(piece);
    got.bodies.push(text);
    response.statusCode = status;
    response.end("answered");
  };

const asked = /^HTTP\/1\.1 100 Continue\r\n\r\n/;
const times = (text: string): number => text.split("100 Continue").length - 1;

for (const protocol of bothProtocols) {
  test(`over ${protocol} a body that may be sent twice is asked for once, and reaches both whole`, async (t) => {
    const [first, second] = [0, 1].map((): Got => ({ bodies: [], expected: [] }));
    const instances = [
      await instanceSpeaking(t, protocol, keeping(first!, 503)),
      await instanceSpeaking(t, protocol, keeping(second!, 200)),
    ];
    const resilience = persisting({ retry: { on: ["connect", "reset", 503], methods: ["POST"] } });
    const { port } = await listening(t, tierTo(hopTo(instances, { resilience })));
    const line = dial(t, port);
    line.socket.write(question("content-length: 5"));
    await line.until(asked);
    // It is held first: nobody has been told of it.
    assert.deepEqual([first!.expected, second!.expected], [[], []]);
    line.socket.write("hello");
    const text = await line.ended;
    assert.match(text, /HTTP\/1\.1 200 [^]*answered/);
    assert.equal(times(text), 1);
    for (const { bodies, expected } of [first!, second!])
      assert.deepEqual([bodies, expected], [["hello"], [undefined]]);
  });

  for (const { framing, pieces } of [
    { framing: "content-length: 10", pieces: ["hello", "world"] },
    { framing: "transfer-encoding: chunked", pieces: ["5\r\nhello\r\n", "5\r\nworld\r\n0\r\n\r\n"] },
  ])
    test(`over ${protocol} a streamed body (${framing}) is asked for, and passes piece by piece`, async (t) => {
      let text = "";
      let expected: unknown = "not asked";
      const instance = await instanceSpeaking(t, protocol, async (request, response) => {
        expected = request.headers.expect;
        for await (const piece of request) text += String(piece);
        response.end("answered");
      });
      const { port } = await listening(t, tierTo(hopTo([instance])));
      const line = dial(t, port);
      line.socket.write(question(framing));
      await line.until(asked);
      line.socket.write(pieces[0]!);
      await until("the service has the first piece", () => text === "hello");
      line.socket.write(pieces[1]!);
      const answer = await line.ended;
      assert.match(answer, /HTTP\/1\.1 200 [^]*answered/);
      assert.deepEqual([text, expected, times(answer)], ["helloworld", undefined, 1]);
    });
}

test("a service on HTTP/1.1 that asks for the body, though nobody waits to be asked, makes no sense to undici", async (t) => {
  const origin = await rawUpstream(t, (socket, bytes) => {
    if (bytes.includes("hello")) socket.end("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  });
  const { port, recorded } = await listening(t, tierTo(hopTo([instanceAt(t, origin)])));
  const line = dial(t, port);
  line.socket.write(question("content-length: 5"));
  await line.until(asked);
  line.socket.write("hello");
  const text = await line.ended;
  assert.match(text, /HTTP\/1\.1 502 [^]*upstream\.failed/);
  assert.equal(times(text), 1);
  assert.match(String((await recorded(1))[0]?.cause), /bad response/);
});

for (const { name, origins, status } of [
  { name: "where nobody is to be sent to", origins: [], status: 503 },
  { name: "where nobody listens", origins: [deadOrigin], status: 502 },
])
  test(`${name}, the client is told so instead of being left waiting`, async (t) => {
    const instances = [];
    for (const origin of origins) instances.push(instanceAt(t, await origin()));
    const { port, recorded } = await listening(t, tierTo(hopTo(instances)));
    const line = dial(t, port);
    line.socket.write(question("content-length: 5"));
    const text = await line.ended;
    assert.match(text, new RegExp(`HTTP/1\\.1 ${status} [^]*problem\\+json`));
    assert.equal((await recorded(1))[0]?.ending, "answered");
  });
