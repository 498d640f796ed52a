/** Seconds, for whole requests and for attempts, as nearly all of a request is waiting for its service. Below a millisecond nobody waits, and past a minute nobody does any more; between them each is about twice the last. */
export const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
