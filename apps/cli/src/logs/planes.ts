import { askAdmin, readAdminToken, type Asking } from "../admin-plane.ts";
import { answers, fieldOf, type LogLine, type LogSource, type Question } from "./question.ts";

interface PlanesOptions {
  readonly admin: readonly string[];
  readonly tokenFile: string;
  /** How long each plane may take, in milliseconds. */
  readonly patience?: number;
}

const requests = "tandem.request";

/** The latest requests, as the tiers themselves keep them in memory: what there is without a central log. */
export function planesAt({ admin, tokenFile, patience = 3_000 }: PlanesOptions): LogSource {
  const read = async (question: Question): Promise<LogLine[]> => {
    const { conditions, limit } = question;
    const dataset = conditions.find(({ field }) => field === fieldOf.dataset)?.value ?? requests;
    if (dataset !== requests)
      throw new Error("the tiers keep lines of requests alone; --loki asks a central log, which keeps them all");
    const asking = { token: await readAdminToken(tokenFile), patience };
    const lines = (await Promise.all(admin.map((plane) => askPlane(plane, asking)))).flat();
    return lines
      .filter((line) => answers(line, question))
      .toSorted((one, other) => one.time - other.time)
      .slice(-limit);
  };
  return { name: `the memory of ${admin.join(" and ")}`, read };
}

async function askPlane(plane: string, asking: Asking): Promise<LogLine[]> {
  const { status, json } = await askAdmin(plane, "/requests?limit=9999", asking);
  if (status !== 200 || !isRequests(json))
    throw new Error(`${plane} has no log of requests: is it an admin plane of Tandem?`);
  return json.requests.map((fields) => ({ time: endOf(fields), fields }));
}

const endOf = (line: Readonly<Record<string, unknown>>): number =>
  Date.parse(String(line["@timestamp"])) + Number(line["event.duration"] ?? 0) / 1_000_000;

const isRequests = (json: unknown): json is { requests: Record<string, unknown>[] } =>
  typeof json === "object" &&
  json !== null &&
  "requests" in json &&
  Array.isArray(json.requests) &&
  json.requests.every((line) => typeof line === "object" && line !== null);
