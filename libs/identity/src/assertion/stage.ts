import { randomUUID } from "node:crypto";
import { assertionHeader, clientHeader, credentialHeader } from "@tandem/contracts/assertion";
import type { Vouched } from "@tandem/contracts/explanation";
import { anonymous, isAnonymous } from "@tandem/contracts/principal";
import type { Exchange } from "@tandem/kernel/exchange";
import { firstValue } from "@tandem/kernel/header-list";
import type { Stage } from "@tandem/kernel/stage";
import { systemClock, type Clock } from "@tandem/platform/clock";
import type { CacheReading } from "../cache-reading.ts";
import type { KeySource } from "../keys/key-source.ts";
import type { SigningKeys } from "../keys/signing-keys.ts";
import { TwoGenerations } from "../two-generations.ts";
import { assertionError } from "./assertion-error.ts";
import { carry } from "./carry.ts";
import { readClient, writeClient, type ClientFacts } from "./client-header.ts";
import { Mint } from "./mint.ts";
import { AssertionVerifier, type Accepted } from "./verifier.ts";

interface AssertOptions {
  readonly keys: SigningKeys;
  /** RFC 8705 thumbprint of our client certificate, where the way to the routing tier is mTLS. */
  readonly holder?: string | undefined;
  /** Take the client's credential along, for routes whose service is to see it. */
  readonly carryCredential?: boolean;
  readonly clock?: Clock;
  /** Where it puts what it has minted, for whoever watches that. */
  readonly caches?: CacheReading[];
}

interface AcceptOptions {
  readonly keys: KeySource;
  readonly clock?: Clock;
  /** How many assertions, and client headers, are remembered at most. */
  readonly capacity?: number;
  /** Where it puts its cache, for whoever watches that. */
  readonly caches?: CacheReading[];
}

/** Vouches for the principal to the routing tier, and takes the client's own credentials off the way. */
export function assert({ keys, holder, carryCredential = false, clock = systemClock, caches }: AssertOptions): Stage {
  const mint = new Mint({ keys, holder, clock, newId: randomUUID });
  caches?.push(mint);
  return {
    name: "assert",
    run({ principal, request, record, outgoing, transport }) {
      if (transport.kind === "dry") return mint.check(principal);
      outgoing.set(assertionHeader, mint.assertionFor(principal));
      outgoing.set(clientHeader, writeClient(request, { traceDecided: record.trace?.decided }));
      if (carryCredential) carry({ request, outgoing });
      outgoing.drop("authorization");
      outgoing.drop("x-api-key");
      outgoing.drop("dpop");
    },
  };
}

/** Believes what the security tier says of the caller, and nobody else; takes both headers off the way. */
export function acceptAssertion({ keys, clock = systemClock, capacity = 10_000, caches }: AcceptOptions): Stage {
  const verifier = new AssertionVerifier(keys, clock, capacity);
  caches?.push(verifier);
  const clients = new TwoGenerations<ClientFacts>(capacity);
  const admit = (exchange: Exchange, { principal, holder }: Accepted): void => {
    const { request, record, outgoing } = exchange;
    // Both or neither: over mTLS an assertion without a holder could be anyone's.
    if (holder !== request.peer.tls?.certificate) throw assertionError("assertion.holder");
    exchange.principal = principal;
    const text = firstValue(request.headers, clientHeader);
    if (text !== undefined) {
      let client = clients.get(text);
      if (!client) clients.set(text, (client = readClient(text)));
      request.clientAddress = client.address;
      request.scheme = client.scheme;
      request.client = client;
      if (client.trace && record.trace) record.trace = { ...record.trace, decided: true };
    }
    outgoing.drop(assertionHeader);
    outgoing.drop(clientHeader);
    outgoing.drop(credentialHeader);
  };
  return {
    name: "acceptAssertion",
    run(exchange) {
      const { transport } = exchange;
      if (transport.kind === "dry" && transport.vouched) return believe(exchange, transport.vouched);
      const text = firstValue(exchange.request.headers, assertionHeader);
      if (text === undefined) throw assertionError("assertion.missing");
      const accepted = transport.kind === "dry" ? verifier.judge(text) : verifier.accept(text);
      return accepted instanceof Promise ? accepted.then((later) => admit(exchange, later)) : admit(exchange, accepted);
    },
    explain: ({ principal, request: { clientAddress }, transport }) => ({
      vouchedBy: transport.kind === "dry" && transport.vouched ? "whoever asks" : "an assertion",
      principal,
      clientAddress,
    }),
  };
}

/** Takes the word of whoever asks for a dry run. */
function believe(exchange: Exchange, { principal, clientAddress, scheme, protocol, tls, sni }: Vouched): void {
  const { request } = exchange;
  // Whoever has proved nothing has no rights, whatever else is given.
  exchange.principal = isAnonymous(principal) ? anonymous : principal;
  request.clientAddress = clientAddress;
  request.scheme = scheme;
  request.client = { ...(protocol && { protocol }), ...(tls && { tls }), ...(sni && { sni }) };
}
