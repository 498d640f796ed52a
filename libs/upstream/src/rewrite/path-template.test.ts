import assert from "node:assert/strict";
import { test } from "node:test";
import { normaliseTarget } from "@tandem/kernel/patterns/normalise-path";
import { compilePath, matchPath } from "@tandem/kernel/patterns/path-pattern";
import { PathFill, pathTemplateField, templateFault } from "./path-template.ts";

const filled: { pattern: string; template: string; path: string; expected: string }[] = [
  { pattern: "/orders/{id}", template: "/v2/orders/{id}", path: "/orders/7", expected: "/v2/orders/7" },
  { pattern: "/orders/{id}", template: "/v2/orders/{id}", path: "/orders/7/", expected: "/v2/orders/7" },
  { pattern: "/a/{x}/b/{y}", template: "/{y}/{x}/z", path: "/a/1/b/2", expected: "/2/1/z" },
  { pattern: "/a/{x}/**", template: "/z/{x}/**", path: "/a/1/b/c/", expected: "/z/1/b/c/" },
  { pattern: "/a/{x}/**", template: "/z/**", path: "/a/1", expected: "/z" },
  { pattern: "/a/{x}/**", template: "/z/**", path: "/a/1/", expected: "/z/" },
  { pattern: "/a/**", template: "/**", path: "/a", expected: "/" },
  { pattern: "/**", template: "/z/**", path: "/", expected: "/z/" },
  { pattern: "/**", template: "/z/**", path: "/a/b", expected: "/z/a/b" },
  { pattern: "/a/*/b", template: "/", path: "/a/1/b", expected: "/" },
  { pattern: "/a/{x}", template: "/z/{x}", path: "/a/%C3%A9%25", expected: "/z/%C3%A9%25" },
];
for (const { pattern, template, path, expected } of filled)
  test(`${path} by ${pattern} becomes ${expected} by ${template}`, () =>
    assert.equal(PathFill.of(template, pattern).fill(path), expected));

test("segments come off the front, and what is left is a path", () => {
  const stripping = PathFill.without(2);
  assert.deepEqual(
    ["/a/b", "/a/b/", "/a/b/c", "/a/b/c/"].map((path) => stripping.fill(path)),
    ["/", "/", "/c", "/c/"],
  );
});

test("a template that asks for what the pattern does not have is at fault", () => {
  assert.match(templateFault("/z/{id}", "/a/{other}") ?? "", /no parameter \{id\}/);
  assert.match(templateFault("/z/**", "/a/{id}") ?? "", /does not end in/);
  assert.equal(templateFault("/z", "/a/**"), undefined);
  assert.throws(() => PathFill.of("/z/{id}", "/a"), TypeError);
});

const refused = [
  "z",
  "/z/",
  "/a//b",
  "/z/*",
  "/z/{id}.json",
  "/{a}/{a}",
  "/../z",
  "/%61",
  "/%2F",
  "/a;b",
  "/a?b=1",
  "/é",
  "//evil",
];
for (const template of refused)
  test(`${template} is no path to be filled in`, () =>
    assert.equal(pathTemplateField().safeParse(template).success, false));

/** A small generator of numbers below one, the same in every run. */
function drawsFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test("whatever passes hygiene is in normal form after it was rewritten, too", () => {
  const draw = drawsFrom(20_261_122);
  const among = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)]!;
  const bits = ["a", ".", "..", "%2e", "%25", "25", "2F", "%2F", "%5c", ";", "\\", "%C3%A9", "%41", "+", "@", ":", "%"];
  const segment = (): string => among(bits) + (draw() < 0.5 ? among(bits) : "");
  const rules = [
    ["/p/{x}/**", "/q/{x}/**"],
    ["/p/{x}/**", "/**"],
    ["/p/{x}/{y}", "/{y}/q/{x}"],
    ["/**", "/p/**"],
  ].map(([pattern = "", template = ""]) => ({ pattern: compilePath(pattern), fill: PathFill.of(template, pattern) }));
  let tried = 0;
  for (let round = 0; round < 20_000; round++) {
    const given = ["", "p", segment(), ...(draw() < 0.5 ? [segment()] : []), ...(draw() < 0.2 ? [""] : [])].join("/");
    const normal = normaliseTarget(given, "GET");
    if (typeof normal === "string") continue;
    for (const { pattern, fill } of rules) {
      if (!matchPath(pattern, normal.path)) continue;
      const rewritten = fill.fill(normal.path);
      tried++;
      assert.deepEqual(normaliseTarget(rewritten, "GET"), { path: rewritten, query: "" }, `${given} → ${rewritten}`);
    }
  }
  assert.ok(tried > 5_000, `only ${tried} were rewritten`);
});
