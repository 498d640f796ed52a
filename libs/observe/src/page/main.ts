import { TokenRefused } from "./ask.ts";
import { isStale, showDetails } from "./details.ts";
import { byId, controlById } from "./element.ts";
import { askPlane, findPlanes, showPlanes, type Plane } from "./planes.ts";
import { createAttention, poll } from "./poll.ts";
import { addPools, showPools } from "./pools.ts";
import { addRates, showRates } from "./rates.ts";
import { focusRow, followKeys, showList } from "./request-list.ts";
import { RequestStore } from "./request-store.ts";
import { askForToken, knownToken } from "./token.ts";

const attention = createAttention();
const filter = controlById("filter", HTMLInputElement);
const outcome = controlById("outcome", HTMLSelectElement);
const pause = controlById("pause", HTMLButtonElement);

/** Shows everything for one token, until a plane of ours refuses it. */
async function watch(token: string): Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  const planes = await findPlanes(token);
  const store = new RequestStore();
  let selected = "";

  const list = (): void => showList({ requests: store.find(filter.value, outcome.value), selected, select });
  const details = (): Promise<void> => showDetails(store.get(selected), { planes, token, close: () => select("") });
  const select = (id: string): void => {
    const left = selected;
    selected = id;
    list();
    if (id === "") focusRow(left);
    void details().catch(end);
  };
  const { promise: ended, reject: end } = Promise.withResolvers<never>();

  /** Asks each plane by itself, so that one that hangs keeps none waiting. */
  const follow = (
    path: string | ((plane: Plane) => string),
    every: number,
    take: (plane: Plane, answer: unknown) => void,
  ): void => {
    for (const plane of planes)
      void poll(
        async () => {
          const answer = await askPlane(plane, typeof path === "string" ? path : path(plane), token);
          if (!signal.aborted) take(plane, answer);
          return plane.trouble === undefined;
        },
        { every, attention, signal },
      ).catch(end);
  };

  showPlanes(planes);
  byId("board").hidden = pause.hidden = false;
  for (const input of [filter, outcome]) input.addEventListener("input", list, { signal });
  document.addEventListener("keydown", (event) => void (event.key === "Escape" && selected !== "" && select("")), {
    signal,
  });
  follow(
    (plane) => store.questionTo(plane),
    1_000,
    (plane, answer) => {
      if (!store.add(answer, plane)) return;
      list();
      if (isStale(store.get(selected))) void details().catch(end);
    },
  );
  follow("/rates", 2_000, (plane, answer) => {
    addRates(plane, answer);
    showRates(planes);
  });
  follow("/pools", 2_000, (plane, answer) => {
    addPools(plane, answer);
    showPools(planes);
  });
  list();
  try {
    await ended;
  } finally {
    ending.abort();
    byId("board").hidden = pause.hidden = true;
  }
}

pause.addEventListener("click", () => {
  const still = pause.getAttribute("aria-pressed") !== "true";
  pause.setAttribute("aria-pressed", String(still));
  attention.hold(still);
});
followKeys();

let token = knownToken() ?? (await askForToken());
for (;;) {
  try {
    await watch(token);
  } catch (error) {
    token = await askForToken(
      error instanceof TokenRefused ? "This token is not accepted." : `This plane ${String(error)}`,
    );
  }
}
