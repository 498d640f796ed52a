import { escapeControls } from "@tandem/platform/log/escape-controls";
import { lineOfEntry } from "./loki-line.ts";
import { logql } from "./logql.ts";
import type { LogLine, LogSource, Question } from "./question.ts";

interface LokiOptions {
  /** How long an answer may take, in milliseconds. */
  readonly patience?: number;
}

const longestComplaint = 300;

/** The central log at an address. */
export function lokiAt(url: string, { patience = 10_000 }: LokiOptions = {}): LogSource {
  const read = async (question: Question): Promise<LogLine[]> => {
    const silent = (cause: unknown): never => {
      const why = cause instanceof Error && cause.name === "TimeoutError" ? ` within ${patience / 1000} s` : "";
      throw new Error(`${url} does not answer${why}: is Loki running there?`, { cause });
    };
    const answer = await fetch(addressOf(url, question), { signal: AbortSignal.timeout(patience) }).catch(silent);
    const text = await answer.text().catch(silent);
    if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}${complaintOf(text)}`);
    const entries = entriesOf(text);
    if (entries === undefined) throw new Error(`${url} answers with something that is no log: is it Loki?`);
    return entries.toSorted((one, other) => one.time - other.time);
  };
  return { name: `Loki at ${url}`, read };
}

function addressOf(url: string, question: Question): URL {
  const { since, until, limit } = question;
  const address = new URL("loki/api/v1/query_range", url.endsWith("/") ? url : `${url}/`);
  address.searchParams.set("query", logql(question));
  address.searchParams.set("start", nanoseconds(since));
  if (until !== undefined) address.searchParams.set("end", nanoseconds(until));
  address.searchParams.set("limit", String(limit));
  address.searchParams.set("direction", "backward");
  return address;
}

const nanoseconds = (ms: number): string => `${Math.floor(ms)}000000`;

/** What Loki says is wrong, which is plain text; pages of whatever else may stand there are left out. */
function complaintOf(text: string): string {
  const words = escapeControls(text.trim().slice(0, longestComplaint));
  return words === "" || words.startsWith("<") ? "" : `: ${words}`;
}

/** Every entry of every stream; nothing where this is no answer of Loki. */
function entriesOf(text: string): LogLine[] | undefined {
  try {
    const { data } = JSON.parse(text);
    if (data.resultType !== "streams") return undefined;
    return data.result.flatMap(({ stream, values }: { stream: Record<string, string>; values: [string, string][] }) =>
      values.map(([nanoseconds, body]) => lineOfEntry(stream, { time: Number(nanoseconds) / 1_000_000, body })),
    );
  } catch {
    return undefined;
  }
}
