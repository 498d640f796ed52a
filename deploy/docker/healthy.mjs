// The HEALTHCHECK of every image, where there is no curl: healthy.mjs URL
import { get } from "node:http";

const asked = get(process.argv[2], { timeout: 2000 }, (response) => process.exit(response.statusCode === 200 ? 0 : 1));
asked.on("timeout", () => asked.destroy());
asked.on("error", () => process.exit(1));
