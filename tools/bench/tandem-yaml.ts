/** What a pair of tiers is started with. */
export interface TandemOptions {
  /** The public one; the next three are the routing tier's and the two admin planes'. */
  readonly port: number;
  /** The ports of the instances behind it. */
  readonly instances: readonly number[];
  readonly collector: number;
  /** The share of requests that are traced. */
  readonly sample: number;
  /** `central`: the collector gets every line too; `unseen`: tiers that leave no line, figure or span. Default: lines on stdout. */
  readonly log?: keyof typeof logs;
  /** How many routes there are beside the two that are asked for. Default: none. */
  readonly furtherRoutes?: number;
}

const logs = {
  central: (collector: number) => `otlp: "http://127.0.0.1:${collector}"`,
  unseen: () => "connections: none",
};

/** The configuration of both tiers. */
export const tandemYaml = (options: TandemOptions): string => {
  const { port, instances, collector, sample, log, furtherRoutes = 0 } = options;
  return `
security:
  listen: { host: 127.0.0.1, port: ${port}, tls: { certificate: security/server.crt, key: security/server.key } }
  admin: { port: ${port + 2} }
  issuers:
    - name: local
      type: embedded
      # the same for all, so that the tokens of one are good for every other
      issuer: https://bench.test
      audience: bench
      keys: security/token-keys
      clients:
        - id: bench
          secretHash: "sha256:0159438a9235d6abde38e49fb98944660d067d6b9b03d8a8f4ee4e522feb62cb"
          scopes: [orders:read]
  assertion: { keys: security/assertion-keys }
  routingTier: { discovery: static, instances: ["http://127.0.0.1:${port + 1}"] }
routing:
  listen: { host: 127.0.0.1, port: ${port + 1} }
  admin: { port: ${port + 3} }
  assertion: { keys: public/assertion-keys }
  services:
    orders: { discovery: static, instances: [${instances.map((at) => `"http://127.0.0.1:${at}"`).join(", ")}] }
  routes:
    - { name: open, match: { path: /open, methods: [GET] }, allow: anyone, service: orders }
${Array.from({ length: furtherRoutes }, (_, index) => furtherRoute(index)).join("")}\
    - { name: orders, match: { path: /orders/**, methods: [GET] }, allow: { scopes: [orders:read] }, service: orders }
traces: { otlp: "http://127.0.0.1:${collector}", sample: ${sample} }
log: { ${log === undefined ? "" : logs[log](collector)} }
`;
};

/** Not all alike: one in three has a parameter, one in three stands below the very path that is asked for. */
function furtherRoute(index: number): string {
  const path = [`/orders/area-${index}/**`, `/items/{id}/part-${index}`, `/other-${index}`][index % 3];
  return `    - { name: further-${index}, match: { path: "${path}" }, allow: authenticated, service: orders }\n`;
}
