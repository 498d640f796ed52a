import { z } from "zod";
import { compileHost } from "./host-pattern.ts";
import { compilePath } from "./path-pattern.ts";
import { PatternError } from "./pattern-error.ts";

/** A path pattern in a configuration: stays text, and is refused where it could never match. */
export function pathPattern() {
  return patternField(compilePath, "a path pattern: /exact, /items/{id}, /items/*, /orders/**");
}

/** A host pattern in a configuration: stays text, and is refused where it could never match. */
export function hostPattern() {
  return patternField(compileHost, "a host without its port: api.example.com, *.example.com");
}

function patternField(compile: (text: string) => unknown, expected: string) {
  return z
    .string()
    .meta({ description: expected })
    .superRefine((text, context) => {
      try {
        compile(text);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        context.addIssue({ code: "custom", message: error.message, params: { expected } });
      }
    });
}
