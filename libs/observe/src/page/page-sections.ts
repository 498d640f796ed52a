import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import type { AdminSection } from "@tandem/kernel/admin/admin";

/** All that a browser loads, by the names that our imports have for it; the test sees that none is missing, and none too many. */
const modules = [
  "contracts/response-flags",
  "observe/page/ask",
  "observe/page/details",
  "observe/page/element",
  "observe/page/facts",
  "observe/page/main",
  "observe/page/planes",
  "observe/page/poll",
  "observe/page/pools",
  "observe/page/rate-history",
  "observe/page/rates",
  "observe/page/request-line",
  "observe/page/request-list",
  "observe/page/request-store",
  "observe/page/token",
  "observe/page/waterfall",
  "observe/page/waterfall-rows",
  "observe/trace/describe-span",
  "observe/trace/milliseconds",
  "observe/trace/span-tree",
  "platform/log/escape-controls",
  "platform/log/unmistakable",
];

const sheets = ["base.css", "frame.css", "requests.css", "details.css", "figures.css"];

/** Nothing but our own files runs, shows or is asked; nothing that is text becomes markup; nobody frames us. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

/**
 * The page of the admin plane, for anyone who reaches it: it holds no data, and asks for all of it with the token. Each
 * file is read when it is first asked for and then kept, so that a gateway that nobody looks at pays nothing.
 */
export function pageSections(): AdminSection[] {
  return [
    serve("/", "text/html; charset=utf-8", () => fileOf("index.html")),
    serve("/observe/page/icon.svg", "image/svg+xml", () => fileOf("icon.svg")),
    ...sheets.map((name) => serve(`/observe/page/${name}`, "text/css; charset=utf-8", () => fileOf(name))),
    ...modules.map((name) => serve(`/${name}.ts`, "text/javascript; charset=utf-8", () => scriptOf(name))),
  ];
}

function serve(path: string, type: string, read: () => string): AdminSection {
  let body: string | undefined;
  return {
    path,
    open: true,
    handler: (_, response) =>
      void response
        .set(headers)
        .set("content-type", type)
        .end((body ??= read())),
  };
}

const fileOf = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

/** The module as it stands here, without its types; what it imports of another project has its place beside it. */
function scriptOf(name: string): string {
  const source = readFileSync(new URL(import.meta.resolve(`@tandem/${name}`)), "utf8");
  return withoutTypes(source).replaceAll(/ from "@tandem\/([\w/-]+)"/g, ' from "/$1.ts"');
}

/** Node warns once that this is an experiment; it is read by the very Node that is pinned, and nobody needs to be told. */
function withoutTypes(source: string): string {
  const emitWarning = Object.getOwnPropertyDescriptor(process, "emitWarning")!;
  Object.defineProperty(process, "emitWarning", { ...emitWarning, value: () => {} });
  try {
    return stripTypeScriptTypes(source);
  } finally {
    Object.defineProperty(process, "emitWarning", emitWarning);
  }
}
