import type { AdminSection } from "@tandem/kernel/admin/admin";
import type { SigningKeys } from "../keys/signing-keys.ts";

/** Shows the public keys of service tokens to anyone who reaches the admin plane: services check tokens with them. */
export const serviceKeysSection = (keys: SigningKeys): AdminSection => ({
  path: "/service-keys",
  open: true,
  handler: (_, response) => {
    response.set("cache-control", "public, max-age=60").type("application/jwk-set+json");
    response.send(JSON.stringify({ keys: keys.all.map(({ publicJwk }) => publicJwk) }));
  },
});
