import type { ExplainAnswer } from "@tandem/contracts/explanation";
import { formatDiagnostic } from "@tandem/platform/config/diagnostic";
import type { SecurityQuestion, AskedQuestion } from "@tandem/tiers/explain/question";
import { nextQuestion } from "@tandem/tiers/explain/next-question";
import { openToExplain } from "@tandem/tiers/explain/open-to-explain";
import { routingQuestion } from "@tandem/tiers/explain/question";
import { askAdmin, readAdminToken } from "../admin-plane.ts";

/** Both tiers in turn: what the first would do, and, where it would send the request on, the second. */
export type AskBoth = (question: SecurityQuestion) => Promise<readonly ExplainAnswer[]>;

interface PlanesOptions {
  readonly admin: readonly string[];
  readonly tokenFile: string;
}

/** Asks the tiers that run; rejects with a sentence for the terminal. */
export const askingPlanes =
  ({ admin, tokenFile }: PlanesOptions): AskBoth =>
  async (question) => {
    const token = await readAdminToken(tokenFile);
    const [security = "", routing] = admin;
    const { body, ...rest } = question;
    const first = await explained(
      security,
      { ...rest, ...(body && { body: { base64: body.toString("base64") } }) },
      token,
    );
    const next = nextQuestion(question, first.explanation);
    if (!next || routing === undefined) return [first];
    return [first, await explained(routing, next, token)];
  };

async function explained(plane: string, body: AskedQuestion, token: string): Promise<ExplainAnswer> {
  const { status, json } = await askAdmin(plane, "/explain", { token, method: "POST", body });
  if (status === 200 && isAnswer(json)) return json;
  const detail = typeof json === "object" && json !== null && "detail" in json ? String(json.detail) : "";
  throw new Error(`${plane} answered ${status}${detail && `: ${detail}`}`);
}

const isAnswer = (json: unknown): json is ExplainAnswer =>
  typeof json === "object" && json !== null && "explanation" in json && typeof json.explanation === "object";

/** Asks both tiers as a file makes them, opened in this process; rejects with what is wrong with the file. */
export const askingFile =
  (file: string): AskBoth =>
  async (question) => {
    const opened = await openToExplain(file, process.stderr);
    if (!opened.ok) throw new Error(opened.diagnostics.map(formatDiagnostic).join("\n"));
    const { value: tiers } = opened;
    try {
      const first = await tiers.security(question);
      const next = nextQuestion(question, first.explanation);
      return next ? [first, await tiers.routing(routingQuestion.parse(next))] : [first];
    } finally {
      await tiers.close();
    }
  };
