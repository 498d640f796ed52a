import { hash } from "node:crypto";
import type { RequestView } from "@tandem/kernel/request-view";
import { systemClock, type Clock } from "@tandem/platform/clock";
import { type Store, StoreUnavailable } from "@tandem/platform/store/store";
import { dpopError } from "../authenticate/dpop-error.ts";
import type { Condition } from "../authenticate/verified.ts";
import { unavailable } from "../unavailable.ts";
import { TwoGenerations } from "../two-generations.ts";
import type { DpopOptions } from "./config.ts";
import { judgeProof } from "./judge-proof.ts";
import { Nonces } from "./nonces.ts";
import { type Proof, type ProofKey, readProof } from "./proof.ts";
import { ProofError } from "./proof-error.ts";

interface DpopParts {
  readonly options: DpopOptions;
  /** Shared by all gateways, so that a proof is good at one of them alone. */
  readonly store: Store;
  /** Where the options name none. Default: any. */
  readonly hosts?: readonly string[] | undefined;
  readonly clock?: Clock;
  /** How many keys of clients are remembered at most. */
  readonly capacity?: number;
}

/** Proofs of possession (RFC 9449), each good for one request. */
export interface DpopProofs {
  /** Holds a token that came under the DPoP scheme to the key to which it is bound. */
  readonly condition: Condition;
  /**
   * The thumbprint of the key to which a token is to be bound, at the token endpoint; undefined where no proof came. To be
   * asked for once the client has proved itself: before that, strangers would fill the store. Rejects with ProofError,
   * or with a GatewayError where nobody could tell whether the proof is a new one.
   */
  keyShown(request: RequestView): Promise<string | undefined>;
}

/** Makes what judges proofs. */
export function dpopProofs(parts: DpopParts): DpopProofs {
  const { options, store, clock = systemClock, capacity = 4000 } = parts;
  const hosts = options.hosts ?? parts.hosts;
  const { nonce, window, skew, withoutStore } = options;
  const nonces = nonce && new Nonces({ secret: nonce.secret.reveal(), lifetime: nonce.lifetime, clock });
  const known = new TwoGenerations<ProofKey>(capacity);

  const judged = (request: RequestView, tokenDigest: string | undefined, keys = known): Proof => {
    const [text, ...more] = request.values("dpop");
    if (text === undefined) throw new ProofError("there is none");
    if (more.length > 0) throw new ProofError("there are several");
    const proof = readProof(text, keys);
    judgeProof(proof, options, { request, tokenDigest, now: clock.now(), nonces, hosts });
    return proof;
  };

  const note = (proof: Proof): Promise<boolean> => {
    // For as long as any gateway takes it for young enough, whose clock may be behind ours.
    const ttl = Math.max(1, Math.ceil(proof.issuedAt + window + skew - clock.now()));
    return store.setIfAbsent(nameOf(proof), "", ttl);
  };
  const isUnused = async (proof: Proof): Promise<boolean> => (await store.get(nameOf(proof))) === undefined;

  const spend = async (proof: Proof, asNew = note): Promise<void> => {
    let isNew: boolean;
    try {
      isNew = await asNew(proof);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (withoutStore === "accept") return;
      throw unavailable(error);
    }
    if (!isNew) throw new ProofError("it was used before");
  };

  return {
    condition({ confirmation }, { scheme, digest, dry }, request) {
      if (scheme !== "DPoP") return undefined;
      try {
        const proof = judged(request, digest, dry ? new TwoGenerations<ProofKey>(1) : known);
        if (proof.thumbprint !== confirmation?.key)
          throw dpopError("token.binding", { detail: "it is bound to another key than the one that was shown" });
        return spend(proof, dry ? isUnused : note).catch(refuse);
      } catch (error) {
        return refuse(error);
      }
    },
    async keyShown(request) {
      if (request.header("dpop") === undefined) return undefined;
      const proof = judged(request, undefined);
      await spend(proof);
      return proof.thumbprint;
    },
  };
}

/** A proof is remembered by its key too: what one client calls its proofs is nobody else's concern. */
const nameOf = ({ thumbprint, id }: Proof): string => `dpop:${hash("sha256", `${thumbprint} ${id}`, "base64url")}`;

function refuse(error: unknown): never {
  if (!(error instanceof ProofError)) throw error;
  const { code, message, nonce } = error;
  throw dpopError(nonce === undefined ? "token.proof" : "token.proof-nonce", { error: code, detail: message, nonce });
}
