import type { AdminSection } from "@tandem/kernel/admin/admin";
import type { Mirrors } from "./open-mirrors.ts";

/** Shows what became of the copies of each mirrored route. */
export const mirrorsSection = (mirrors: Mirrors): AdminSection => ({
  path: "/mirrors",
  handler: (_, response) => void response.json(mirrors.view()),
});
