import { duration } from "@tandem/platform/config/fields";
import { z } from "zod";

/** How long a WebSocket may stay open, and how long silent; for whoever has a hop. */
export const upgradesField = z
  .strictObject({
    idleTimeout: duration({ min: "1s", max: "24h" })
      .prefault("5m")
      .meta({ description: "Without a byte in either direction; a ping counts." }),
    maxAge: duration({ min: "1s" }).optional().meta({ description: "From its opening to its end. Default: no limit." }),
  })
  .prefault({})
  .meta({ description: "How long WebSockets stay open; they are closed with 1001." });

/** The limits of open WebSockets, in milliseconds. */
export type UpgradeLimits = z.output<typeof upgradesField>;
