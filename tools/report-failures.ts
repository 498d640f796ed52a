// The reporter of `npm test`. Fourteen suites pass thousands of tests: a reader needs what failed, what was skipped and why, and counts.
import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

type Counts = Extract<TestEvent, { type: "test:summary" }>["data"]["counts"];
type Failure = Extract<TestEvent, { type: "test:fail" }>["data"];

// oxlint-disable-next-line import/no-default-export -- Node asks a reporter module for its default.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: Failure[] = [];
  const written = new Map<string, string>();
  for await (const { type, data } of events) {
    if (type === "test:fail" && !onlyItsTestsFailed(data)) failures.push(data);
    else if (type === "test:pass" && isSkipped(data.skip)) yield `SKIPPED ${place(data)} ${data.name}: ${data.skip}\n`;
    else if (type === "test:stderr") written.set(here(data.file), (written.get(here(data.file)) ?? "") + data.message);
    else if (type === "test:summary" && data.file === undefined) yield summary(data.counts, data.duration_ms);
  }
  for (const failure of failures) yield `\n✖ ${place(failure)} ${failure.name}\n${inspect(reason(failure))}\n`;
  for (const file of new Set(failures.map((failure) => here(failure.file))))
    if (written.has(file)) yield `\n${file} wrote to stderr:\n${written.get(file)}`;
  // Again, and last: a log is often read from its end, or cut there.
  for (const failure of failures) yield `FAILED ${place(failure)} ${failure.name}\n`;
}

/** Whose tests say themselves why it failed. */
const onlyItsTestsFailed = ({ details }: Failure): boolean =>
  "failureType" in details.error && details.error.failureType === "subtestsFailed";

const isSkipped = (skip: string | boolean | undefined): boolean => skip !== undefined && skip !== false;

const reason = ({ details }: Failure): unknown => details.error.cause ?? details.error;

const here = (file = ""): string => relative("", file);

const place = ({ file, line = 1 }: { readonly file?: string; readonly line?: number }): string =>
  `${here(file)}:${line}`;

const summary = ({ tests, passed, skipped }: Counts, took: number): string =>
  `${passed} of ${tests} tests passed in ${(took / 1000).toFixed(1)} s, ${skipped} skipped\n`;
