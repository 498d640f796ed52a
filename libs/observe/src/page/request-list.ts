import { byId, element, visible } from "./element.ts";
import { known, statusOf, type SeenRequest } from "./request-store.ts";

/** More than a person looks through; what is older is found with the filter. */
const mostShown = 200;

const rows = new Map<string, { readonly item: HTMLLIElement; readonly request: SeenRequest }>();

interface Shown {
  readonly requests: readonly SeenRequest[];
  readonly selected: string;
  readonly select: (id: string) => void;
}

/** Brings the list up to date; a row that has not changed is not touched, so that focus and scroll stay where they are. */
export function showList({ requests, selected, select }: Shown): void {
  const list = byId("list");
  const wanted = requests.slice(0, mostShown);
  const ids = new Set(wanted.map(({ id }) => id));
  for (const [id, { item }] of rows)
    if (!ids.has(id)) {
      item.remove();
      rows.delete(id);
    }
  let at = list.firstElementChild;
  for (const request of wanted) {
    const item = itemOf(request, select);
    if (item === at) at = at.nextElementSibling;
    else list.insertBefore(item, at);
    const button = item.firstElementChild;
    if (request.id === selected) button?.setAttribute("aria-current", "true");
    else button?.removeAttribute("aria-current");
  }
  keepOneTabStop(list, selected);
  const hidden = requests.length - wanted.length;
  const most = `the latest ${wanted.length} of ${requests.length}`;
  const text = requests.length === 0 ? "No request yet." : hidden > 0 ? most : `${requests.length} kept`;
  const count = byId("count");
  if (count.textContent !== text) count.textContent = text;
}

function itemOf(request: SeenRequest, select: (id: string) => void): HTMLLIElement {
  const row = rows.get(request.id);
  if (row?.request === request) return row.item;
  const button = buttonOf(request);
  button.addEventListener("click", () => select(request.id));
  if (!row) {
    const item = element("li", {}, [button]);
    rows.set(request.id, { item, request });
    return item;
  }
  const hadFocus = document.activeElement === row.item.firstElementChild;
  row.item.replaceChildren(button);
  if (hadFocus) button.focus();
  rows.set(request.id, { item: row.item, request });
  return row.item;
}

function buttonOf(request: SeenRequest): HTMLButtonElement {
  const first = request.lines[0]!;
  const { method, path, at, ms } = first;
  const [route, caller] = [known(request, "route"), known(request, "caller")];
  const button = element("button", { type: "button", tabindex: "-1" }, [
    element("time", {}, [timeOf(at)]),
    element("span", { class: "status" }, [statusText(request)]),
    element("bdi", { class: "target" }, [element("b", {}, [visible(method, 20)]), ` ${visible(path, 160)}`]),
    element("bdi", { class: "route" }, [visible(route, 60)]),
    element("bdi", { class: "caller" }, [visible(caller, 60)]),
    element("span", { class: "number" }, [`${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`]),
  ]);
  button.className = toneOf(statusOf(request));
  return button;
}

/** A request that nobody answered has no number. */
export const statusText = (request: SeenRequest): string => String(statusOf(request) || "left");

export const toneOf = (status: number): string =>
  status === 0 || status >= 500 ? "failed" : status >= 400 ? "refused" : "answered";

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
export const timeOf = (at: number): string => clock.format(at);

/** Tab comes to the list once; within it arrows lead. */
function keepOneTabStop(list: HTMLElement, selected: string): void {
  const buttons = [...list.querySelectorAll("button")];
  const current =
    buttons.find((button) => button === document.activeElement) ?? rows.get(selected)?.item.firstElementChild;
  for (const button of buttons) button.tabIndex = -1;
  const stop = current ?? buttons[0];
  if (stop instanceof HTMLButtonElement) stop.tabIndex = 0;
}

/** Goes back to where somebody came from. */
export function focusRow(id: string): void {
  const button = rows.get(id)?.item.firstElementChild;
  if (button instanceof HTMLButtonElement) button.focus();
}

/** Up, down, Home and End move through the list. */
export function followKeys(): void {
  byId("list").addEventListener("keydown", (event) => {
    const item = document.activeElement?.closest("#list > li");
    const next = {
      ArrowDown: item?.nextElementSibling,
      ArrowUp: item?.previousElementSibling,
      Home: byId("list").firstElementChild,
      End: byId("list").lastElementChild,
    }[event.key]?.firstElementChild;
    if (!(next instanceof HTMLButtonElement)) return;
    event.preventDefault();
    for (const button of byId("list").querySelectorAll("button")) button.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
