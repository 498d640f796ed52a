import type { Clock } from "@tandem/platform/clock";
import { OwnStrategy } from "../authenticate/own-strategy.ts";
import type { Kind } from "../authenticate/strategy.ts";
import { certificateError } from "./certificate-error.ts";
import { principalByRules, shownCertificate } from "./certificate-rules.ts";
import type { CertificateRule } from "./config.ts";

interface CertificateKindOptions {
  /** At least one: without rules certificates are no credentials. */
  readonly rules: readonly CertificateRule[];
  readonly clock: Clock;
}

/** Client certificates, where nothing else is presented. That they are genuine was found out in the handshake. */
export function certificateKind({ rules, clock }: CertificateKindOptions): Kind {
  const principalOf = principalByRules(rules);
  const strategy = new OwnStrategy(({ text, peer }) => {
    const says = peer.tls?.says;
    if (!says) throw certificateError("nothing is known of it");
    // The handshake may have been long ago.
    if (clock.now() >= says.notAfter) throw certificateError("it has expired");
    const principal = principalOf(shownCertificate(text, says));
    return { principal, marks: { id: text, issuedAt: says.notBefore / 1000 } };
  });
  return { name: "certificate", strategy, onChange: () => {} };
}
