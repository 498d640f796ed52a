import manifest from "../package.json" with { type: "json" };

/** The version that traces and metrics name. */
export const { version } = manifest;
