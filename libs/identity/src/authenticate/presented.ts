import { hash } from "node:crypto";
import type { Peer } from "@tandem/kernel/peer";
import type { Credential } from "./credential.ts";

/** What passport hands a strategy in place of a request: one credential, and the connection on which it came. */
export class Presented {
  readonly text: string;
  readonly peer: Peer;
  readonly scheme?: "DPoP" | undefined;
  /** SHA-256, in base64url: what anything is remembered under, so that no credential lies in memory beyond its request. */
  readonly digest: string;
  /** Nothing is spent on it, and nobody is to see later that it was judged: a dry run. */
  readonly dry: boolean;

  constructor({ text, scheme }: Credential, peer: Peer, dry = false) {
    this.text = text;
    this.peer = peer;
    this.scheme = scheme;
    this.dry = dry;
    this.digest = hash("sha256", text, "base64url");
  }
}
