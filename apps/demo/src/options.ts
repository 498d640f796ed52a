import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { isServiceName, serviceNames, type ServiceName } from "./service.ts";

/** One instance to run. */
export interface InstanceOptions {
  readonly service: ServiceName;
  readonly instance: string;
  readonly port: number;
}

/** The Consul agent to register with, and the address that others reach us at. */
export interface RegisterOptions {
  readonly consul: string;
  readonly address: string | undefined;
}

/** What the command line asks for. */
export interface DemoOptions {
  readonly instances: readonly InstanceOptions[];
  readonly host: string;
  readonly register: RegisterOptions | undefined;
  readonly otlp: string | undefined;
}

/** A command line that makes no sense, in one sentence. */
export class UsageError extends Error {}

export const help = `The demo services behind the gateway.

  node apps/demo/src/main.ts [options]

Without options: catalog on 7101 and 7102, orders on 7201 and 7202, echo on 7301 and 7302, all in this process.

  --service NAME     run one instance of one service: ${serviceNames.join(", ")}
  --port PORT        its port (default 8080)
  --instance NAME    its name, seen in x-demo-instance (default: the service and the host name)
  --host ADDRESS     the address to bind (default 127.0.0.1)
  --register URL     the Consul agent to register with, as http://consul:8500
  --address ADDRESS  the address to register (default: what the host name resolves to)
  --otlp URL         where to send spans (OTLP over HTTP), as http://jaeger:4318
  --help             this text
`;

const local: readonly InstanceOptions[] = [
  { service: "catalog", instance: "catalog-7101", port: 7101 },
  { service: "catalog", instance: "catalog-7102", port: 7102 },
  { service: "orders", instance: "orders-7201", port: 7201 },
  { service: "orders", instance: "orders-7202", port: 7202 },
  { service: "echo", instance: "echo-7301", port: 7301 },
  { service: "echo", instance: "echo-7302", port: 7302 },
];

const text = { type: "string" } as const;

/** Reads a command line; gives `help` where that is what is asked for. */
export function parseOptions(args: readonly string[], { host: machine = hostname() } = {}): DemoOptions | "help" {
  const values = read(args);
  if (values.help) return "help";
  const { service, port, instance, host = "127.0.0.1", register, address, otlp } = values;
  if (service === undefined && (port ?? instance ?? address) !== undefined)
    throw new UsageError("--port, --instance and --address go with --service");
  if (address !== undefined && register === undefined) throw new UsageError("--address goes with --register");
  return {
    instances: service === undefined ? local : [single(service, port, { instance, machine })],
    host,
    register: register === undefined ? undefined : { consul: url("--register", register), address },
    otlp: otlp === undefined ? undefined : url("--otlp", otlp),
  };
}

function read(args: readonly string[]) {
  try {
    const options = {
      service: text,
      port: text,
      instance: text,
      host: text,
      register: text,
      address: text,
      otlp: text,
      help: { type: "boolean", short: "h" },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function single(
  service: string,
  port = "8080",
  { instance, machine }: { instance: string | undefined; machine: string },
): InstanceOptions {
  if (!isServiceName(service)) throw new UsageError(`--service is one of ${serviceNames.join(", ")}, not ${service}`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new UsageError(`--port is a number up to 65535, not ${port}`);
  return { service, port: Number(port), instance: instance ?? `${service}-${machine}` };
}

function url(flag: string, value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new UsageError(`${flag} is an http or https URL, not ${value}`);
}
