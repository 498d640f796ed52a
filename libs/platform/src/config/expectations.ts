import { z } from "zod";

/** What a field is waiting for, in words; shown where a value of another kind was found. */
export const expectations = z.registry<{ readonly expected: string }>();
