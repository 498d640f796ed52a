import type { Principal } from "@tandem/contracts/principal";
import type { Peer } from "@tandem/kernel/peer";
import type { Clock } from "@tandem/platform/clock";
import { certificateMatcher, shownCertificate, type ShownCertificate } from "../certificates/certificate-rules.ts";
import type { ClientOptions } from "../issuers/config.ts";
import { asRefusal, ClientRefused } from "./client-refused.ts";
import type { Proved } from "./hold-to.ts";

/** Holds the certificates of connections to what clients are registered with (RFC 8705 §2.1). */
export class ClientCertificates {
  readonly #byId: ReadonlyMap<string, (certificate: ShownCertificate) => boolean>;
  readonly #clock: Clock;

  constructor(clients: readonly ClientOptions[], clock: Clock) {
    this.#byId = new Map(
      clients.flatMap(({ id, certificate }) => (certificate ? [[id, certificateMatcher(certificate)] as const] : [])),
    );
    this.#clock = clock;
  }

  /** Throws ClientRefused where the certificate, which was found genuine in the handshake, is not that client's; else gives it, as what may have been taken back. */
  judge(id: string, { tls }: Peer): Proved {
    const isOwn = this.#byId.get(id);
    if (!isOwn) throw new ClientRefused("it is not registered with a certificate");
    if (tls?.certificate === undefined || !tls.says)
      throw new ClientRefused("its connection shows no client certificate");
    // The handshake may have been long ago.
    if (this.#clock.now() >= tls.says.notAfter) throw new ClientRefused("the certificate has expired");
    if (!isOwn(shown(tls.certificate, tls.says))) throw new ClientRefused("the certificate is another's");
    const principal: Principal = { subject: id, client: id, scopes: [], roles: [], method: "certificate" };
    const confirmation = { certificate: tls.certificate };
    // Of the client itself nothing is asked: what it was given before may be void, and it may ask for more.
    return { verified: { principal, marks: { issuedAt: Infinity }, confirmation }, digest: "" };
  }
}

function shown(...[thumbprint, says]: Parameters<typeof shownCertificate>): ShownCertificate {
  try {
    return shownCertificate(thumbprint, says);
  } catch (error) {
    return asRefusal(error);
  }
}
