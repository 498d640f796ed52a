import { adminSchema } from "@tandem/kernel/admin/config";
import { hygieneSchema } from "@tandem/kernel/hygiene/config";
import { listenSchema } from "@tandem/kernel/listener/config";
import { apiKeysSchema } from "@tandem/identity/api-keys/config";
import { acceptAssertionSchema, assertSchema } from "@tandem/identity/assertion/config";
import { certificatesSchema } from "@tandem/identity/certificates/config";
import { dpopSchema } from "@tandem/identity/dpop/config";
import { issuersSchema } from "@tandem/identity/issuers/config";
import { revocationSchema } from "@tandem/identity/revocation/config";
import { identityField, serviceTokensSchema } from "@tandem/identity/upstream-identity/config";
import { bytes } from "@tandem/platform/config/fields";
import { traceContextSchema } from "@tandem/observe/prelude/config";
import { samplingFields } from "@tandem/observe/route-sampling/config";
import { tracesSchema } from "@tandem/observe/trace/config";
import { logSchema } from "@tandem/platform/log/config";
import { storeSchema } from "@tandem/platform/store/config";
import { accessRuleSchema, policiesSchema } from "@tandem/policy/authorize/config";
import { bodyLimitSchema } from "@tandem/traffic/body-limit/config";
import { consulSchema, snapshotsSchema } from "@tandem/upstream/discovery/config";
import { routingTierSchema } from "@tandem/upstream/forward/config";
import { mirrorFields } from "@tandem/upstream/mirror/config";
import { redirectFields } from "@tandem/upstream/redirect/config";
import { registerSchema } from "@tandem/upstream/registration/config";
import { rewriteFields } from "@tandem/upstream/rewrite/config";
import { zoneField } from "@tandem/upstream/pool/config";
import { routeFields } from "@tandem/upstream/routes/config";
import { servicesSchema } from "@tandem/upstream/services/config";
import { splitFields } from "@tandem/upstream/split/config";
import { z } from "zod";

const security = z.strictObject({
  listen: listenSchema({ port: 8443 }),
  admin: adminSchema({ port: 9081 }),
  hygiene: hygieneSchema(),
  traceContext: traceContextSchema.meta({ description: "Whose traces are continued." }),
  bodyLimit: bodyLimitSchema,
  issuers: issuersSchema,
  certificates: certificatesSchema,
  dpop: dpopSchema.meta({ description: "How proofs that a caller holds the key of a token are judged." }),
  apiKeys: apiKeysSchema,
  assertion: assertSchema,
  store: storeSchema,
  revocation: revocationSchema,
  routingTier: routingTierSchema,
});

/** What can be said of a route: each capability brings its own keys. */
const routeSchema = z.strictObject({
  ...routeFields,
  ...splitFields,
  ...redirectFields,
  ...rewriteFields,
  ...mirrorFields,
  ...samplingFields,
  allow: accessRuleSchema,
  identity: identityField,
});

const routing = z.strictObject({
  // Larger than what the security tier lets in: what that tier adds must never tip a request over.
  listen: listenSchema({ port: 8081, head: "32KiB", headers: 128 }),
  admin: adminSchema({ port: 9082 }),
  hygiene: hygieneSchema({ target: "16KiB" }),
  assertion: acceptAssertionSchema,
  heldBodies: bytes({ min: "1MiB", max: "64GiB" }).prefault("64MiB").meta({
    description:
      "What bodies that are held to be looked at, copied or sent again may take of the memory, all together.",
  }),
  register: registerSchema.optional(),
  zone: zoneField.optional(),
  services: servicesSchema.meta({ description: "By name: behind each of them instances answer." }),
  serviceTokens: serviceTokensSchema.optional().meta({ description: "How tokens for services are signed." }),
  policies: policiesSchema,
  routes: z.array(routeSchema).meta({ description: "Which requests lead where, and who may send them." }),
});

/** The one configuration file: a section for each tier, and what both share. */
export const tandemSchema = z.strictObject({
  security: security.optional().meta({ description: "The security tier: who." }),
  routing: routing.optional().meta({ description: "The routing tier: what and where." }),
  consul: consulSchema.prefault({}).meta({ description: "The Consul agent that both tiers ask." }),
  snapshots: snapshotsSchema.optional().meta({
    description: "Where the last known instances are kept, for a start without Consul or DNS. Default: nowhere.",
  }),
  traces: tracesSchema.meta({ description: "What is traced, and where the spans go." }),
  log: logSchema.meta({ description: "How both tiers log." }),
});

export type TandemConfig = z.output<typeof tandemSchema>;
export type SecurityConfig = NonNullable<TandemConfig["security"]>;
export type RoutingConfig = NonNullable<TandemConfig["routing"]>;

/** The two kinds of process; each reads its own section of the file. */
export type Tier = "security" | "routing";

/** The sections that either tier reads beside its own. */
export const sharedSections = ["consul", "snapshots", "traces", "log"] as const;
