import type { Peer } from "@tandem/kernel/peer";
import { flat } from "@tandem/platform/flat";
import { escaped } from "./json-text.ts";

/** The other end of the connection, where it is not the client itself but who speaks for it. */
export const sourceFields = (peer: Peer): string => (peer.inLog ??= write(peer)).source;

/** How the connection is protected. */
export const tlsFields = (peer: Peer): string => (peer.inLog ??= write(peer)).tls;

/** It lives as long as its connection. */
function write({ address, port, tls }: Peer): NonNullable<Peer["inLog"]> {
  const source = `,"source.ip":"${escaped(address)}","source.port":${port}`;
  if (!tls) return { source: flat(source), tls: "" };
  let text = `,"tls.version":"${escaped(tls.version.replace(/^TLSv/, ""))}","tls.cipher":"${escaped(tls.cipher)}"`;
  text += `,"tls.next_protocol":"${escaped(tls.alpn)}"`;
  if (tls.sni !== undefined) text += `,"tls.client.server_name":"${escaped(tls.sni)}"`;
  return { source: flat(source), tls: flat(text) };
}
