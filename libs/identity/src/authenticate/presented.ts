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

  constructor({ text, scheme }: Credential, peer: Peer) {
    this.text = text;
    this.peer = peer;
    this.scheme = scheme;
    this.digest = hash("sha256", text, "base64url");
  }
}
