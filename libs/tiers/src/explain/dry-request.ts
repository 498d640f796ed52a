import { X509Certificate } from "node:crypto";
import { METHODS } from "node:http";
import { isIP } from "node:net";
import { Readable } from "node:stream";
import { GatewayError } from "@tandem/contracts/errors";
import type { Given } from "@tandem/kernel/exchange";
import { bodyNotGiven } from "@tandem/kernel/explain/not-given";
import { type Peer, shownBy } from "@tandem/kernel/peer";
import { RequestView } from "@tandem/kernel/request-view";
import type { RoutingQuestion, SecurityQuestion } from "./question.ts";

type Question = SecurityQuestion & RoutingQuestion;

/** A request that nobody sent, as stages see it, and what is given with it. */
export interface DryRequest {
  readonly view: RequestView;
  readonly given: Given;
}

/** What HTTP/2 says in headers of its own. */
type Line = Readonly<Record<"method" | "scheme" | "authority" | "target", string>>;

/** Makes a question the request that it asks about; refuses what no connection could carry, and so no stage would ever see. */
export function dryRequestOf(question: Question): DryRequest {
  const { method, url, protocol, body, as, vouched } = question;
  const [, scheme = "", authority = "", rest = ""] = /^(https?):\/\/([^/?]*)(.*)$/.exec(url) ?? [];
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  if (protocol !== "2" && !METHODS.includes(method)) throw refused("method: the parser of HTTP/1 knows no such method");
  const rawHeaders = protocol === "2" ? pseudo({ method, scheme, authority, target }) : [];
  const named = new Set<string>();
  for (const [raw, value] of question.headers) {
    const name = protocol === "2" ? raw.toLowerCase() : raw;
    named.add(name.toLowerCase());
    rawHeaders.push(name, value.trim());
  }
  if (protocol !== "2" && !named.has("host") && authority !== "") rawHeaders.unshift("Host", authority);
  const header = (name: string): string | undefined =>
    question.headers.find(([raw]) => raw.toLowerCase() === name)?.[1].trim();
  const length = header("content-length");
  const framed = named.has("transfer-encoding");
  if (body && length !== undefined && length !== String(body.length))
    throw refused(`body: it has ${body.length} bytes, and Content-Length says ${length}`);
  if (body && length === undefined && !framed && protocol !== "2")
    rawHeaders.push("Content-Length", String(body.length));
  const asked = protocol === "1.1" && /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(header("connection") ?? "");
  const upgrade = asked ? header("upgrade")?.toLowerCase() : undefined;
  const announced = framed || (length !== undefined && length !== "0");
  const parts = { method, target, protocol, peer: peerOf(question, { scheme, authority }), rawHeaders, upgrade };
  const view = new RequestView({ ...parts, body: upgrade === undefined ? bodyOf(body, announced) : undefined });
  return { view, given: { ...(as && { caller: as }), ...(vouched && { vouched }), ...(body && { content: body }) } };
}

const bodyOf = (body: Buffer | undefined, announced: boolean): Readable | undefined => {
  if (body) return body.length > 0 ? Readable.from([body]) : undefined;
  return announced ? bodyNotGiven() : undefined;
};

const pseudo = ({ method, scheme, authority, target }: Line): string[] => {
  const named = authority === "" ? [] : [":authority", authority];
  return [":method", method, ":scheme", scheme, ...named, ":path", target];
};

function peerOf(
  { address, protocol, tls }: Question,
  { scheme, authority }: { scheme: string; authority: string },
): Peer {
  if (scheme === "http") {
    if (tls) throw refused("tls: the url is one of http");
    return { address, port: 0 };
  }
  const host = authority.replace(/:\d*$/, "");
  const { version = "TLSv1.3", sni = /^\[|^$/.test(host) || isIP(host) ? undefined : host, certificate } = tls ?? {};
  const alpn = protocol === "2" ? "h2" : "http/1.1";
  const shown = certificate === undefined ? undefined : shownBy(readCertificate(certificate));
  return { address, port: 0, tls: { version, cipher: "", alpn, ...(sni !== undefined && { sni }), ...shown } };
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw refused("tls.certificate: expected a certificate as PEM", cause);
  }
}

const refused = (detail: string, cause?: unknown): GatewayError =>
  new GatewayError("request.malformed", { detail, cause });
