import { once } from "node:events";
import { request as requestTls } from "node:https";
import type { IncomingMessage } from "node:http";
import { text as textOf } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { hygiene } from "@tandem/kernel/hygiene/stage";
import { ask, authority, listening, serverMaterial, session } from "@tandem/kernel/listener/testing";
import type { RequestRecord } from "@tandem/kernel/record";
import type { Clock } from "@tandem/platform/clock";
import type { Logger } from "@tandem/platform/log/logger";
import { MemoryStore } from "@tandem/platform/store/memory-store";
import type { Store } from "@tandem/platform/store/store";
import type { KeyedCertificate } from "@tandem/platform/tls/development-ca";
import type { EmbeddedIssuer } from "../issuers/issuer.ts";
import type { Revocations } from "../revocation/revocations.ts";
import { tokenEndpoints } from "./stage.ts";
import { openTestIssuer } from "./testing.ts";

/** The kind that RFC 7523 §2.2 has for assertions. */
export const bearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** What a client sends, and over what; without a path to the token endpoint, for a token in its own name. */
export interface Proving {
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly certificate?: KeyedCertificate;
  readonly path?: string;
}

/** What came back; the reason is the record's, and nobody outside is told. */
export interface Proved {
  readonly status: number;
  readonly json: any;
  readonly text: string;
  readonly retryAfter: string | undefined;
  readonly reason: string;
  readonly record: RequestRecord | undefined;
}

export type Prove = (proving: Proving) => Promise<Proved>;

interface World {
  readonly clients?: readonly object[];
  /** Of the issuer, as in the file. */
  readonly options?: object;
  readonly store?: Store;
  readonly clock?: Clock;
  readonly issuer?: EmbeddedIssuer;
  readonly logger?: Logger;
  readonly revocations?: Revocations;
}

export const protocolNames = ["http1", "http2"] as const;

/** The endpoints on a real listener that asks for certificates, until the test ends; asked one after the other. */
export async function provingGround(t: TestContext, { clients = [], options = {}, ...more }: World) {
  const issuer = more.issuer ?? (await openTestIssuer(t, { clients, options })).issuer;
  const { store = new MemoryStore(), issuer: _, ...others } = more;
  const parts = { ...others, issuer, store };
  const tls = { ...serverMaterial, clients: { ca: authority.certificate, required: false } };
  const { port, records } = await listening(t, {
    stages: [hygiene({ from: "strangers" }), tokenEndpoints(parts)],
    tls,
  });

  const asked = async (send: () => Promise<Pick<Proved, "status" | "text" | "retryAfter">>): Promise<Proved> => {
    const before = records.length;
    const told = await send();
    for (let tries = 0; records.length === before && tries < 300; tries++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const record = records.at(-1);
    const json: unknown = told.text.startsWith("{") ? JSON.parse(told.text) : undefined;
    return { ...told, json, record, reason: record?.decision?.reason ?? "" };
  };
  const http1: Prove = (proving) =>
    asked(async () => {
      const { path, headers, body, certificate } = wireOf(proving);
      const target = {
        host: "127.0.0.1",
        port,
        path,
        method: "POST",
        agent: false,
        servername: "localhost",
        ca: authority.certificate,
      };
      const shown = certificate && { cert: certificate.certificate, key: certificate.key };
      const sent = requestTls({ ...target, ...shown, headers: { ...headers, host: "gateway.test" } });
      sent.end(body);
      const [response]: IncomingMessage[] = await once(sent, "response");
      if (!response) throw new Error("there was no answer");
      const text = await textOf(response);
      return { status: response.statusCode ?? 0, text, retryAfter: response.headers["retry-after"] };
    });
  const http2: Prove = (proving) =>
    asked(async () => {
      const { path, headers, body, certificate } = wireOf(proving);
      const shown = certificate && { cert: certificate.certificate, key: certificate.key };
      const client = session(t, port, shown ?? {});
      const target = { ":method": "POST", ":path": path, ":authority": "gateway.test" };
      const { status, text, fields } = await ask(client, { ...target, ...headers }, body);
      client.close();
      return { status, text, retryAfter: fields["retry-after"]?.toString() };
    });
  return { http1, http2, issuer, store, records };
}

function wireOf({ form = {}, headers = {}, certificate, path = "/oauth/token" }: Proving) {
  const body = new URLSearchParams({ grant_type: "client_credentials", ...form }).toString();
  const own = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": String(Buffer.byteLength(body)),
  };
  return { path, body, certificate, headers: { ...own, ...headers } };
}

/** HTTP Basic as RFC 6749 §2.3.1 has it. */
export const basicOf = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;

/** The claims of an access token that was given. */
export const claimsOf = (token: string): any =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
