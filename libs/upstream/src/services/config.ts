import { z } from "zod";
import { balanceFields, stickyFaults } from "../balance/config.ts";
import { breakerSchema } from "../breaker/config.ts";
import { consulFields, serviceNameField, staticFields } from "../discovery/config.ts";
import { dnsAddressFields, dnsSrvFields } from "../discovery/dns/config.ts";
import { refuseClearHttp2 } from "../connections/connection-fields.ts";
import { refuseDeadTimes, resilienceFields } from "../exchange/resilience-fields.ts";
import { healthSchema } from "../health/config.ts";
import { poolFields } from "../pool/config.ts";
import { serviceFields } from "../proxy/config.ts";

/** Whatever a service can be told, however it is found: each capability brings its own keys. */
const common = {
  ...serviceFields,
  ...resilienceFields,
  ...poolFields,
  ...balanceFields,
  health: healthSchema,
  breaker: breakerSchema,
};

/** The `services` section: who answers, by name. */
export const servicesSchema = z
  .record(
    serviceNameField,
    z
      .discriminatedUnion("discovery", [
        z.strictObject({ ...staticFields, ...common }),
        z.strictObject({ ...consulFields, ...common }),
        z.discriminatedUnion("type", [
          z.strictObject({ ...dnsSrvFields, ...common }),
          z.strictObject({ ...dnsAddressFields, ...common }),
        ]),
      ])
      .superRefine(refuseDeadTimes)
      .superRefine(refuseClearHttp2),
  )
  .superRefine(stickyFaults);

/** One service as it was read: how it is found, and how it is dealt with. */
export type ServiceOptions = z.output<typeof servicesSchema>[string];
