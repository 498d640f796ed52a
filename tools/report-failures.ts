// The reporter of `npm test`. Fourteen suites pass thousands of tests: a reader needs what failed, what was skipped and why, and counts.
import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

type Counts = Extract<TestEvent, { type: "test:summary" }>["data"]["counts"];
type Failure = Extract<TestEvent, { type: "test:fail" }>["data"];

// oxlint-disable-next-line import/no-default-export -- Node asks a reporter module for its default.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: Failure[] = [];
  const said = new Map<string, string>();
  const say = (file: string, text: string): unknown => said.set(file, (said.get(file) ?? "") + text);
  const unfinished = new Set<string>();
  for await (const { type, data } of events) {
    if (type === "test:enqueue" && data.name === here(data.file)) unfinished.add(data.name);
    else if (type === "test:summary" && data.file !== undefined) unfinished.delete(here(data.file));
    else if (type === "test:fail" && data.todo === undefined && !onlyItsTestsFailed(data)) failures.push(data);
    else if (type === "test:pass" && isSkipped(data.skip)) yield `SKIPPED ${place(data)} ${data.name}: ${data.skip}\n`;
    else if (type === "test:stderr") say(here(data.file), data.message);
    // Here Node tells what was thrown when nobody waited for it any more.
    else if (type === "test:diagnostic" && data.file !== undefined) say(here(data.file), `${data.message}\n`);
    else if (type === "test:interrupted") {
      // Nothing is heard after it.
      for (const failure of failures) yield detail(failure);
      for (const test of data.tests) yield `INTERRUPTED ${place(test)} ${test.name}\n`;
    } else if (type === "test:summary") yield summary(data.counts, data.duration_ms);
  }
  for (const failure of failures) yield detail(failure);
  const cutShort = [...unfinished].filter((file) => !failures.some(({ name }) => name === file));
  for (const file of new Set([...failures.map((failure) => here(failure.file)), ...cutShort]))
    if (said.has(file)) yield `\n${file} said:\n${said.get(file)}`;
  // Again, and last: a log is often read from its end, or cut there.
  for (const failure of failures) yield `FAILED ${place(failure)} ${failure.name}\n`;
  for (const file of cutShort) yield `FAILED ${file} ended before its tests were through, or has none\n`;
  // Node takes an exit with 0 for a success, whatever had still to be tested.
  if (cutShort.length > 0) process.exitCode = 1;
}

/** Whose tests say themselves why it failed. */
const onlyItsTestsFailed = ({ details }: Failure): boolean =>
  "failureType" in details.error && details.error.failureType === "subtestsFailed";

const isSkipped = (skip: string | boolean | undefined): boolean => skip !== undefined && skip !== false;

const detail = (failure: Failure): string => `\n✖ ${place(failure)} ${failure.name}\n${inspect(reason(failure))}\n`;

/** A file that failed as a whole has no cause but its end. */
const reason = ({ details: { error } }: Failure): unknown =>
  "exitCode" in error && "signal" in error
    ? `exit code ${String(error.exitCode)}, signal ${String(error.signal)}`
    : (error.cause ?? error);

const here = (file = ""): string => relative("", file);

const place = ({ file, line = 1 }: { readonly file?: string; readonly line?: number }): string =>
  `${here(file)}:${line}`;

const summary = ({ tests, passed, skipped }: Counts, took: number): string =>
  `${passed} of ${tests} tests passed in ${(took / 1000).toFixed(1)} s, ${skipped} skipped\n`;
