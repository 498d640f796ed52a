import { byId, controlById } from "./element.ts";

const key = "tandem-admin-token";

/** The token that the address carried, or that this tab has kept. It leaves the address bar, and with it the history, at once. */
export function knownToken(): string | undefined {
  const given = /^#token=([^&]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    history.replaceState(null, "", location.pathname);
    sessionStorage.setItem(key, decoded(given));
  }
  return sessionStorage.getItem(key) ?? undefined;
}

/** Asks a person for the token; with the reason, where the last one was not good. */
export function askForToken(reason = ""): Promise<string> {
  sessionStorage.removeItem(key);
  const gate = byId("gate");
  const input = controlById("token", HTMLInputElement);
  byId("refusal").textContent = reason;
  input.value = "";
  gate.hidden = false;
  input.focus();
  return new Promise((resolve) => {
    const take = (event: Event): void => {
      event.preventDefault();
      const token = input.value.trim();
      if (token === "") return;
      gate.removeEventListener("submit", take);
      sessionStorage.setItem(key, token);
      input.value = "";
      gate.hidden = true;
      resolve(token);
    };
    gate.addEventListener("submit", take);
  });
}

/** Also another hash than ours may stand there. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
