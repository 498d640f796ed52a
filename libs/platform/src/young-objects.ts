import { setFlagsFromString } from "node:v8";

/**
 * Has V8 make every object among the young, as it does by default until it has seen the objects of one place in the code
 * survive: from then on it makes those among the old at once. In a gateway this goes wrong. What waits for a collector does
 * survive, but the same code makes what is gone with its request, and whatever such an old object leads to stays in memory
 * until the next full collection, and is copied on the way.
 */
export const makeAllYoung = (): void => setFlagsFromString("--no-allocation-site-pretenuring");
