import { randomBytes } from "node:crypto";

/** RFC 6455 §7.4.1: an endpoint is going away, so that connecting again is worth while. */
const goingAway = 1001;

/** A close frame 1001 with a short reason; `mask` where it goes to a service, whose clients have to mask (RFC 6455 §5.3). */
export function closeFrame(reason: string, { masked }: { readonly masked: boolean }): Buffer {
  const payload = Buffer.concat([Buffer.from([goingAway >> 8, goingAway & 0xff]), Buffer.from(reason)]);
  if (!masked) return Buffer.concat([Buffer.from([0x88, payload.length]), payload]);
  const mask = randomBytes(4);
  for (let index = 0; index < payload.length; index++) payload[index]! ^= mask[index % 4]!;
  return Buffer.concat([Buffer.from([0x88, 0x80 | payload.length]), mask, payload]);
}
