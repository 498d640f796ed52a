import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf } from "../cost-of.testing.ts";
import { parseTraceContext, traceparentOf } from "./trace-context.ts";

const trace = "12345678901234567890123456789012";
const span = "1234567890123456";
const good = `00-${trace}-${span}-01`;

const parents = [
  { name: "a sampled parent is read", given: [good], expected: true },
  { name: "blanks around it are forgiven", given: [`\t ${good} \t`], expected: true },
  { name: "none at all is no context", given: [], expected: false },
  { name: "two lines are no context, even when they agree", given: [good, good], expected: false },
  { name: "two lines that differ are no context", given: [good, good.replace("12-", "11-")], expected: false },
  { name: "two joined into one line are no context", given: [`${good},${good}`], expected: false },
  { name: "version 0 ends where it ends", given: [`${good}.`], expected: false },
  { name: "version 0 has no further fields", given: [`${good}-what-may-come`], expected: false },
  { name: "a later version is read like version 0", given: [good.replace(/^00/, "cc")], expected: true },
  { name: "a later version may have more fields", given: [`${good.replace(/^00/, "cc")}-more`], expected: true },
  {
    name: "what a later version adds begins with a dash",
    given: [`${good.replace(/^00/, "cc")}.more`],
    expected: false,
  },
  { name: "version ff does not exist", given: [good.replace(/^00/, "ff")], expected: false },
  { name: "a version is hexadecimal, first digit", given: [good.replace(/^00/, ".0")], expected: false },
  { name: "a version is hexadecimal, second digit", given: [good.replace(/^00/, "0.")], expected: false },
  { name: "a version of three digits is refused", given: [`0${good}`], expected: false },
  { name: "a version of four digits is refused", given: [`00${good}`], expected: false },
  { name: "a version of one digit is refused", given: [good.slice(1)], expected: false },
  { name: "a trace id of zeros is refused", given: [`00-${"0".repeat(32)}-${span}-01`], expected: false },
  { name: "a trace id in capitals is refused", given: [`00-${"A".repeat(32)}-${span}-01`], expected: false },
  { name: "a trace id is hexadecimal", given: [`00-.${trace.slice(1)}-${span}-01`], expected: false },
  { name: "a trace id too long is refused", given: [`00-${trace}3-${span}-01`], expected: false },
  { name: "a trace id too short is refused", given: [`00-${trace.slice(1)}-${span}-01`], expected: false },
  { name: "a span id of zeros is refused", given: [`00-${trace}-${"0".repeat(16)}-01`], expected: false },
  { name: "a span id is hexadecimal", given: [`00-${trace}-${span.slice(1)}.-01`], expected: false },
  { name: "a span id too long is refused", given: [`00-${trace}-${span}7-01`], expected: false },
  { name: "a span id too short is refused", given: [`00-${trace}-${span.slice(1)}-01`], expected: false },
  { name: "flags are hexadecimal, first digit", given: [`00-${trace}-${span}-.1`], expected: false },
  { name: "flags are hexadecimal, second digit", given: [`00-${trace}-${span}-0.`], expected: false },
  { name: "flags of three digits are refused", given: [`00-${trace}-${span}-001`], expected: false },
  { name: "flags of one digit are refused", given: [`00-${trace}-${span}-1`], expected: false },
];

for (const { name, given, expected } of parents) {
  test(name, () => {
    const context = parseTraceContext(given, []);
    assert.equal(context !== undefined, expected);
    if (context) assert.deepEqual([context.traceId, context.spanId, context.sampled], [trace, span, true]);
  });
}

const counted = (count: number): string =>
  Array.from({ length: count }, (_, index) => `bar${index}=${index}`).join(",");
const everyKeyCharacter = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
const everyValueCharacter = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index)).replace(
  /[,=]/g,
  "",
);

const states = [
  { name: "members are carried in order", given: ["foo=1,bar=2"], expected: "foo=1,bar=2" },
  { name: "lines are joined in order", given: ["foo=1,bar=2", "baz=3"], expected: "foo=1,bar=2,baz=3" },
  { name: "blanks between members go", given: ["foo=1 \t , \t bar=2"], expected: "foo=1,bar=2" },
  { name: "blanks around a line go", given: ["\t foo=1 \t"], expected: "foo=1" },
  { name: "a blank inside a value stays", given: ["foo= a b"], expected: "foo= a b" },
  { name: "an empty line is no state", given: [""], expected: undefined },
  { name: "an empty line beside another is passed over", given: ["", "foo=1", ""], expected: "foo=1" },
  { name: "32 members are carried", given: [counted(32)], expected: counted(32) },
  {
    name: "33 members drop the whole",
    given: [counted(20), counted(33).slice(counted(20).length + 1)],
    expected: undefined,
  },
  { name: "of a key given twice the first stays", given: ["foo=1,bar=2,foo=3"], expected: "foo=1,bar=2" },
  { name: "of a key given twice on two lines too", given: ["foo=1", "foo=2"], expected: "foo=1" },
  {
    name: "33 members are too many, also where some are the same",
    given: [`${counted(32)},bar0=x`],
    expected: undefined,
  },
  {
    name: "every legal character is carried",
    given: [`${everyKeyCharacter}=${everyValueCharacter}`],
    expected: `${everyKeyCharacter}=${everyValueCharacter}`,
  },
  { name: "a key with tenant and system is carried", given: ["0t@v-1=1"], expected: "0t@v-1=1" },
  { name: "a blank before the sign drops the whole", given: ["bar=2,foo =1"], expected: undefined },
  { name: "a key in capitals drops the whole", given: ["bar=2,FOO=1"], expected: undefined },
  { name: "a key with a dot drops the whole", given: ["bar=2,foo.bar=1"], expected: undefined },
  { name: "at signs are characters like others", given: ["foo@=1,a@@b=2,a@b@c=3"], expected: "foo@=1,a@@b=2,a@b@c=3" },
  { name: "an at sign in front drops the whole", given: ["@foo=1,bar=2"], expected: undefined },
  { name: "a key of 256 is carried", given: [`${"z".repeat(256)}=1`], expected: `${"z".repeat(256)}=1` },
  { name: "a key of 257 drops the whole", given: ["foo=1", `${"z".repeat(257)}=1`], expected: undefined },
  { name: "a value of 256 is carried", given: [`foo=${"v".repeat(256)}`], expected: `foo=${"v".repeat(256)}` },
  { name: "a value of 257 drops the whole", given: [`foo=${"v".repeat(257)}`], expected: undefined },
  { name: "a second sign of equality drops the whole", given: ["foo=bar=baz"], expected: undefined },
  { name: "an empty value drops the whole", given: ["foo=,bar=3"], expected: undefined },
  { name: "a control character drops the whole", given: ["foo=a\u0001b"], expected: undefined },
  { name: "letters beyond ASCII drop the whole", given: ["foo=\u00e9"], expected: undefined },
  { name: "blanks of many kilobytes are nothing", given: [counted(32) + " ".repeat(5000)], expected: counted(32) },
];

for (const { name, given, expected } of states) {
  test(`state: ${name}`, () => assert.equal(parseTraceContext([good], given)?.state, expected));
}

const long = (key: string, length: number): string => `${key}=${"v".repeat(length - key.length - 1)}`;

test("a state too long for the next hop loses its long members first, the last of them before the others", () => {
  const short = [long("a", 100), long("b", 100)];
  const given = [short[0]!, ...Array.from({ length: 20 }, (_, index) => long(`l${index}`, 250)), short[1]!];
  const members = parseTraceContext([good], [given.join(",")])?.state?.split(",") ?? [];
  assert.deepEqual([members[0], members.at(-1)], short);
  assert.deepEqual(members.slice(1, -1), given.slice(1, members.length - 1));
  const { length } = members.join(",");
  assert.ok(length <= 4096 && length + 251 > 4096, String(length));
});

test("where all are short, the last ones go", () => {
  const given = Array.from({ length: 32 }, (_, index) => long(`s${index}`, 128));
  const state = parseTraceContext([good], [given.join(",")])?.state;
  assert.equal(state, given.slice(0, 31).join(","));
});

test("a state without a parent is dropped", () => assert.equal(parseTraceContext([], ["foo=1"]), undefined));

for (const flags of ["00", "01", "02", "03"]) {
  test(`flags ${flags} come out as they went in`, () => {
    const context = parseTraceContext([`00-${trace}-${span}-${flags}`], []);
    assert.ok(context);
    const ids = {
      traceId: context.traceId,
      spanId: "00f067aa0ba902b7",
      sampled: context.sampled,
      random: context.random,
    };
    assert.equal(traceparentOf(ids, ids.spanId), `00-${trace}-00f067aa0ba902b7-${flags}`);
  });
}

test("flags that nobody has defined are not carried on", () => {
  const context = parseTraceContext([`00-${trace}-${span}-fd`], []);
  assert.ok(context);
  assert.equal(traceparentOf({ ...context }, span).slice(-2), "01");
});

test("a hostile state is judged at a cost in proportion to its length", () => {
  const cost = (length: number): number =>
    costOf(
      () =>
        void parseTraceContext([good], [`${"z".repeat(length)}@${"z".repeat(length)}`, `foo=${" ".repeat(length)}`]),
    );
  const [short, long] = [cost(500), cost(4_000)];
  assert.ok(long < 30 * short, `${short} ms became ${long} ms, eight times as long`);
});
