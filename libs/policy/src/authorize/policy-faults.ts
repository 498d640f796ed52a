import type { AccessRule } from "@tandem/contracts/route";
import { carriedMethods } from "@tandem/kernel/hygiene/request-method";
import type { ConfigPath, Problem } from "@tandem/platform/config/diagnostic";
import { nearest } from "@tandem/platform/config/nearest";
import { compileCondition, type Condition } from "../condition/compile-condition.ts";
import { ExpressionFault } from "../condition/expression-fault.ts";
import { needsOf, withHead } from "./compile-access.ts";
import type { PolicyOptions, RuleOptions } from "./config.ts";
import { matchesAny } from "./route-patterns.ts";

/** What must be known of a route to judge the policies that concern it. */
export interface PolicedRoute {
  readonly name: string;
  readonly allow: AccessRule;
  readonly match: {
    readonly path?: string | readonly string[] | undefined;
    readonly methods?: readonly string[] | undefined;
  };
}

/**
 * What is wrong with policies and the routes that name them: unknown names, conditions that are none, rules that no
 * request can match, policies that concern nobody. Paths begin at the section that holds `policies` and `routes`;
 * `arrives` tells whether a client's header of a name is still there when its request is judged.
 */
export function policyFaults(
  policies: readonly PolicyOptions[],
  routes: readonly PolicedRoute[],
  arrives: (header: string) => boolean,
): Problem[] {
  return [
    ...routes.flatMap((route, index) => unknownPolicies(route, ["routes", index, "allow", "policies"], policies)),
    ...policies.flatMap((policy, index) => faultsOf(policy, ["policies", index], { routes, arrives })),
  ];
}

function unknownPolicies({ allow }: PolicedRoute, path: ConfigPath, policies: readonly PolicyOptions[]): Problem[] {
  const { policies: names = [] } = needsOf(allow);
  return names.flatMap((name, item): Problem[] => {
    const policy = policies.find((one) => one.name === name);
    if (policy?.rules.some(({ effect }) => effect === "allow")) return [];
    if (policy)
      return [
        {
          path: [...path, item],
          message: `the policy ${name} allows nothing`,
          expected: "one with an allow rule; to deny it names its routes itself",
        },
      ];
    return [
      {
        path: [...path, item],
        message: `there is no policy ${name}`,
        ...hint(
          name,
          policies.map((one) => one.name),
        ),
      },
    ];
  });
}

interface Surroundings {
  readonly routes: readonly PolicedRoute[];
  readonly arrives: (header: string) => boolean;
}

function faultsOf(policy: PolicyOptions, path: ConfigPath, { routes, arrives }: Surroundings): Problem[] {
  const { name, routes: patterns, rules } = policy;
  const guarded = routes.filter((route) => patterns && matchesAny(patterns, route.name));
  const naming = routes.filter(({ allow }) => needsOf(allow).policies?.includes(name));
  const concerned = [...new Set([...guarded, ...naming])];
  const faults = unknownRoutes(patterns, [...path, "routes"], routes);
  if (concerned.length === 0 && faults.length === 0)
    faults.push({
      path: [...path, "name"],
      message: `no route asks for the policy ${name}`,
      expected: "a route that names it in `allow`, or `routes` of its own",
    });
  return [
    ...faults,
    ...rules.flatMap((rule, index) => {
      const at = [...path, "rules", index];
      // Who may take a route is read from the route itself: nothing from elsewhere can widen it.
      if (patterns && rule.effect === "allow")
        return [
          {
            path: [...at, "effect"],
            message: "a policy that names its routes itself can only deny",
            expected: "deny, or no `routes`",
          },
        ];
      return ruleFaults(rule, at, { routes, arrives, concerned });
    }),
  ];
}

interface Concerned extends Surroundings {
  readonly concerned: readonly PolicedRoute[];
}

function ruleFaults(rule: RuleOptions, path: ConfigPath, { routes, arrives, concerned }: Concerned): Problem[] {
  const faults = unknownRoutes(rule.routes, [...path, "routes"], routes);
  const here = concerned.filter(({ name }) => !rule.routes || matchesAny(rule.routes, name));
  if (rule.routes && faults.length === 0 && concerned.length > 0 && here.length === 0)
    faults.push({ path: [...path, "routes"], message: "the policy concerns none of these routes" });
  const { methods } = rule;
  const unknown = unknownMethods(methods, [...path, "methods"]);
  faults.push(...unknown);
  if (methods && unknown.length === 0 && here.length > 0 && !here.some((route) => sharesMethod(route, methods)))
    faults.push({ path: [...path, "methods"], message: "no route here takes any of these methods" });
  const { principals, scopes, roles, tenant } = rule;
  const known = scopes ? "scopes" : roles ? "roles" : tenant === undefined ? undefined : "tenant";
  if (known && principals?.every((one) => one === "anonymous"))
    faults.push({ path: [...path, known], message: `an anonymous caller has no ${known}: the rule never matches` });
  return [...faults, ...conditionFaults(rule, [...path, "when"], { routes: here, arrives })];
}

function conditionFaults({ when }: RuleOptions, path: ConfigPath, { routes, arrives }: Surroundings): Problem[] {
  if (when === undefined) return [];
  try {
    const condition = compileCondition(when);
    return [...unknownParams(condition, path, routes), ...goneHeaders(condition, path, arrives)];
  } catch (error) {
    if (!(error instanceof ExpressionFault)) throw error;
    const { message, offset, expected, suggestion } = error;
    return [
      {
        path,
        within: offset,
        message,
        ...(expected !== undefined && { expected }),
        ...(suggestion !== undefined && { suggestion }),
      },
    ];
  }
}

/** Whoever asks for these would wait for ever: hygiene drops them before any policy sees the request. */
const goneHeaders = ({ headerLookups }: Condition, path: ConfigPath, arrives: Surroundings["arrives"]): Problem[] =>
  headerLookups
    // Whatever form the host was sent in, it is there again in the one that was read.
    .filter(({ name }) => name !== "host" && !arrives(name))
    .map(({ name, offset }) => ({
      path,
      within: offset,
      message: `no request has the header ${name} when policies are asked`,
      expected: "a header that clients set and gateways pass on",
    }));

function unknownParams({ params }: Condition, path: ConfigPath, here: readonly PolicedRoute[]): Problem[] {
  const known = here.flatMap(({ match: { path: paths = [] } }) =>
    [...String(paths).matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
  );
  if (here.length === 0) return [];
  return params
    .filter(({ name }) => !known.includes(name))
    .map(({ name, offset }) => ({
      path,
      within: offset,
      message: `no route here has a parameter ${name}`,
      ...(known.length > 0 && hint(name, [...new Set(known)])),
    }));
}

function unknownRoutes(
  patterns: readonly string[] | undefined,
  path: ConfigPath,
  routes: readonly PolicedRoute[],
): Problem[] {
  const names = routes.map(({ name }) => name);
  return (patterns ?? []).flatMap((pattern, item): Problem[] => {
    if (names.some((name) => matchesAny([pattern], name))) return [];
    if (pattern.endsWith("*")) return [{ path: [...path, item], message: `no route's name begins like ${pattern}` }];
    return [{ path: [...path, item], message: `there is no route ${pattern}`, ...hint(pattern, names) }];
  });
}

/** A deny rule with a mistyped method would never deny. */
const unknownMethods = (methods: readonly string[] = [], path: ConfigPath): Problem[] =>
  methods.flatMap((method, item): Problem[] =>
    carriedMethods.has(method)
      ? []
      : [
          {
            path: [...path, item],
            message: `no request has the method ${method}`,
            ...hint(method, [...carriedMethods]),
          },
        ],
  );

const sharesMethod = ({ match }: PolicedRoute, methods: readonly string[]): boolean =>
  !match.methods || withHead(match.methods).some((method) => withHead(methods).includes(method));

function hint(word: string, known: readonly string[]): { suggestion?: string } {
  const suggestion = nearest(word, known);
  return suggestion === undefined ? {} : { suggestion };
}
