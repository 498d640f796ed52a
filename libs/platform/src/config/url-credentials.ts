/** What is said of a URL with a user or a password in it; the URL itself stays unsaid. */
export const noUrlCredentials = "a URL must hold no user and no password: the configuration is shown to operators";

/** Whether a URL is free of them; for `refine`. What is no URL at all is for the schema to refuse. */
export function isWithoutCredentials(text: string): boolean {
  const url = URL.parse(text);
  return url === null || (url.username === "" && url.password === "");
}
