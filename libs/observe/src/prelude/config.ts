import { networkField } from "@tandem/kernel/listener/config";
import { z } from "zod";

const trustField = z.enum(["continue", "restart", "ignore"]);

/** What becomes of the trace that a client of the security tier says it is in; the routing tier goes on with the security tier's, and restarts all others. */
export const traceContextSchema = z
  .strictObject({
    trust: trustField.default("restart").meta({
      description:
        "Clients in none of the networks: `continue` goes on with their trace and their sampling decision, `restart` begins one that links to theirs, `ignore` begins one.",
    }),
    networks: z
      .array(
        z.strictObject({
          from: z.array(networkField).min(1, "names no network").meta({ description: "Addresses and networks." }),
          trust: trustField.meta({ description: "What holds for clients there." }),
        }),
      )
      .default([])
      .meta({
        description:
          "Clients by their address, which is the peer's, or the one that a balancer in front told by PROXY. The first entry that has it holds.",
      }),
  })
  .prefault({});

export type TraceContextOptions = z.output<typeof traceContextSchema>;
export type Trust = z.output<typeof trustField>;
