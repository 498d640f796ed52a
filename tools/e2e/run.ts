// Runs the end-to-end suites: `npm run e2e`, on Compose as well with `npm run e2e -- --compose`.
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { root } from "./program.ts";

const suites = {
  local: "local.e2e.ts",
  consul: "consul.e2e.ts",
  faults: "faults.e2e.ts",
  telemetry: "telemetry.e2e.ts",
  page: "page.e2e.ts",
  compose: "compose/compose.e2e.ts",
  w3c: "w3c.e2e.ts",
};
/** What needs more than is here. */
const onDemand: ReadonlySet<string> = new Set(["compose", "w3c"]);

interface Options {
  readonly compose?: true;
  readonly only?: string;
  readonly harness?: string;
  readonly python: string;
}

const program = new Command("e2e")
  .description(
    "Both tiers end to end, on real parts: npm start, a real Consul and Redis, instances that fail, a real Chromium, and Docker Compose",
  )
  .option("--compose", "run the Compose suite too (needs Docker)")
  .option("--only <suite>", `one of ${Object.keys(suites).join(", ")}`)
  .option("--harness <folder>", "with --only w3c: a checkout of github.com/w3c/trace-context")
  .option("--python <program>", "what runs it; needs aiohttp", "python3")
  .parse();
const { compose, only, harness, python } = program.opts<Options>();
if (only === "w3c" && harness === undefined) program.error("--only w3c needs --harness <folder>");

const chosen = Object.entries(suites).filter(([name]) =>
  only ? name === only : !onDemand.has(name) || (name === "compose" && compose),
);
if (chosen.length === 0) program.error(`no suite is called ${only}; there are ${Object.keys(suites).join(", ")}`);
if (!compose && !only) console.error("SKIPPED: the Compose suite; run `npm run e2e -- --compose` where Docker is");

const files = chosen.map(([, file]) => join(import.meta.dirname, file));
const { status } = spawnSync(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...files], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ...(harness !== undefined && { W3C_HARNESS: resolve(harness), W3C_PYTHON: python }) },
});
process.exitCode = status ?? 1;
