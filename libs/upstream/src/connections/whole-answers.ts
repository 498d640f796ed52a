import { subscribe } from "node:diagnostics_channel";
import { type ClientHttp2Stream, constants } from "node:http2";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

const demanded = Symbol("whole answers are demanded");

/** Answers over this connection of HTTP/2 fail unless the other side said where they end: Node takes two resets for an end, and undici believes it. */
export function demandWholeAnswers(socket: Socket): void {
  Object.assign(socket, { [demanded]: true });
}

// Told within the reset, before Node ends the stream: the last moment at which a reset and an end differ.
subscribe("http2.client.stream.close", (message) => {
  if (!isOfStream(message)) return;
  const { stream } = message;
  const { rstCode, session } = stream;
  // Any other code is an error to Node too.
  if (rstCode !== constants.NGHTTP2_NO_ERROR && rstCode !== constants.NGHTTP2_CANCEL) return;
  if (isEnded(stream) || stream.destroyed || stream.pending || !session || session.destroyed) return;
  if (Reflect.get(session.socket, demanded) !== true) return;
  stream.destroy(new Error(`the answer was reset before its end, with code ${rstCode}`));
});

const isOfStream = (message: unknown): message is { readonly stream: ClientHttp2Stream } =>
  typeof message === "object" && message !== null && "stream" in message && message.stream instanceof Duplex;

/** Its end has come, if perhaps behind pieces that nobody has read yet; what Node declares tells an end that was read alone. */
function isEnded(stream: ClientHttp2Stream): boolean {
  const state: unknown = Reflect.get(stream, "_readableState");
  return typeof state === "object" && state !== null && "ended" in state && state.ended === true;
}
