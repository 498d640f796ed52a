import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "@tandem/platform/log/logger";
import { createIds } from "@tandem/platform/random";
import type { Shutdown } from "@tandem/platform/shutdown";
import { createSpanExporter } from "@tandem/platform/telemetry/span-exporter";
import { createConsulClient } from "@tandem/upstream/discovery/consul-client";
import { createRegistration } from "@tandem/upstream/registration/registration";
import { catalog } from "./catalog.ts";
import { echo } from "./echo.ts";
import type { DemoOptions, InstanceOptions, RegisterOptions } from "./options.ts";
import { createOrders } from "./orders.ts";
import { startServer, type DemoServer } from "./server.ts";
import type { Service, ServiceName } from "./service.ts";

interface Surroundings {
  readonly logger: Logger;
  readonly shutdown: Pick<Shutdown, "add">;
}

/** What closes first has the lowest number: nobody is sent to an instance that does not listen any more. */
const order = { registration: 10, servers: 20, spans: 30 };

/** How long whoever watches Consul may take to learn that an instance has left. */
const noticeMs = 500;

/** Starts all instances that the options name; they listen when the promise resolves. */
export async function startDemo(options: DemoOptions, { logger, shutdown }: Surroundings): Promise<DemoServer[]> {
  const services: Readonly<Record<ServiceName, Service>> = { catalog, orders: createOrders(), echo };
  const ids = createIds();

  const start = async ({ service, instance, port }: InstanceOptions): Promise<DemoServer> => {
    const spans =
      options.otlp === undefined
        ? undefined
        : createSpanExporter({ url: options.otlp, service: `demo-${service}`, instance, logger });
    const server = await startServer(services[service], {
      instance,
      host: options.host,
      port,
      logger,
      ids,
      ...(spans && { onSpan: (span) => spans.export([span]) }),
    });
    shutdown.add(instance, (deadline) => server.close(deadline), { order: order.servers });
    if (spans) shutdown.add(`spans of ${instance}`, () => spans.shutdown(), { order: order.spans });
    if (options.register) announce(service, server.port, options.register);
    return server;
  };

  const announce = (service: ServiceName, port: number, { consul: url, address }: RegisterOptions): void => {
    const consul = createConsulClient(url);
    const registration = createRegistration({ consul, service, address, port, logger });
    const leave = async (): Promise<void> => {
      await registration.close();
      consul.close();
      await pause(noticeMs);
    };
    shutdown.add("registration", leave, { order: order.registration });
  };

  return Promise.all(options.instances.map(start));
}
