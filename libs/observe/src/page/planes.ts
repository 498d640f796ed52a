import { ask, NoAnswer } from "./ask.ts";
import { byId, element } from "./element.ts";

/** One admin plane: ours, or one beside it that ours asks for us. */
export interface Plane {
  /** What stands before the paths of its questions. */
  readonly base: string;
  /** Its address, until it has said what it is called. */
  name: string;
  trouble: string | undefined;
}

/** Ours first, then those beside it. */
export async function findPlanes(token: string): Promise<Plane[]> {
  const answer = await ask("/beside", token);
  const names = typeof answer === "object" && answer !== null && "planes" in answer ? answer.planes : [];
  const beside = Array.isArray(names) ? names.map(String) : [];
  return [
    { base: "", name: location.host, trouble: undefined },
    ...beside.map((name, index) => ({ base: `/beside/${index}`, name, trouble: undefined })),
  ];
}

/** Asks a plane, and gives what it says; undefined where it has no such thing, or does not answer, which is then shown. A refused token is the caller's. */
export async function askPlane(plane: Plane, path: string, token: string): Promise<unknown> {
  try {
    const answer = await ask(plane.base + path, token);
    note(plane, undefined, nameOf(answer));
    return answer;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    note(plane, error.message);
    return undefined;
  }
}

/** A part of an answer that only the plane itself can tell. */
const nameOf = (answer: unknown): string | undefined =>
  typeof answer === "object" && answer !== null && "service" in answer && typeof answer.service === "string"
    ? answer.service
    : undefined;

function note(plane: Plane, trouble: string | undefined, name = plane.name): void {
  if (plane.trouble === trouble && plane.name === name) return;
  plane.trouble = trouble;
  plane.name = name;
  changed();
}

let changed = (): void => {};

/** Shows in the head of the page who answers and who does not, and follows that. */
export function showPlanes(planes: readonly Plane[]): void {
  const list = byId("planes");
  changed = () =>
    list.replaceChildren(
      ...planes.map(({ name, trouble }) =>
        element("li", { class: trouble === undefined ? "well" : "ill" }, [
          trouble === undefined ? name : trouble.startsWith(name) ? trouble : `${name} ${trouble}`,
        ]),
      ),
    );
  changed();
}
