import { escapeControls } from "@tandem/platform/log/escape-controls";

type Child = Node | string | undefined;

/** No longer text of a stranger's is put before a person. */
const longest = 2_000;

/**
 * Makes an element. A string becomes text and never markup: it may come from a stranger, so that it is cut, what turns
 * it around is spelt out, and it is set apart from what stands beside it.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined).map((child) => shown(child)));
  return made;
}

const shown = (child: Node | string): Node | string => (typeof child === "string" ? visible(child) : child);

/** A stranger's text as a person may see it. */
export function visible(text: string, most = longest): string {
  const cut = text.length > most ? `${text.slice(0, most)}… (${text.length - most} more)` : text;
  return escapeControls(cut);
}

/** The element of the page that has this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

/** The same where more is wanted of it than any element has. */
export function controlById<Control extends HTMLElement>(id: string, kind: new () => Control): Control {
  const found = byId(id);
  if (!(found instanceof kind)) throw new Error(`${id} is no ${kind.name}`);
  return found;
}
