import { isWithoutCredentials } from "@tandem/platform/config/url-credentials";

/** Whether what a URL answers can be believed: over https, or plain http that never leaves this machine. */
export function isTrustworthy(text: string): boolean {
  const url = URL.parse(text);
  return (
    url?.protocol === "https:" ||
    (url?.protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
  );
}

/** Whether an issuer can be asked for its own metadata: RFC 8414 §2 allows it a path, but neither query nor fragment. */
export const isAskable = (issuer: string): boolean =>
  isTrustworthy(issuer) && isWithoutCredentials(issuer) && !/[?#]/.test(issuer);
