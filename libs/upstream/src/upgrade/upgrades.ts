import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { GatewayError } from "@tandem/contracts/errors";
import type { Exchange } from "@tandem/kernel/exchange";
import { createProxyMiddleware, type Plugin } from "http-proxy-middleware";
import type { Hop } from "../exchange/hop.ts";
import { targetOf } from "../exchange/head.ts";
import { firstOf } from "../exchange/send.ts";
import { Upgrade } from "./upgrade.ts";

/** What opens websockets to the instances of a hop. */
export interface Upgrades {
  /** Asks an instance for a websocket, and joins it to the client's connection once it has one. */
  open(exchange: Exchange, hop: Hop): void;
}

/** Lays http-proxy-middleware under the exchange: it does the handshake and the joining, and everything that fails comes back to the kernel. */
export function createUpgrades(): Upgrades {
  const upgrades = new WeakMap<IncomingMessage, { readonly upgrade: Upgrade; readonly target: string }>();

  const throughTheKernel: Plugin = (proxyServer) => {
    proxyServer.on("error", (error, request) => {
      if (request) upgrades.get(request)?.upgrade.fail(error);
    });
    proxyServer.on("proxyReqWs", (question, request) => {
      upgrades.get(request)?.upgrade.ask(question);
    });
  };

  const proxy = createProxyMiddleware({
    ejectPlugins: true,
    plugins: [throughTheKernel],
    async router(request, _response, options) {
      const known = upgrades.get(request);
      if (!known) throw new Error("this request did not come through the stages");
      const { agent, headers, target } = await known.upgrade.connect();
      options.agent = agent;
      // Whatever the client sent and hygiene did not let through must not reach the service by this door.
      request.headers = headers;
      return target;
    },
    // Reads as the root above, where paths are filtered; here it becomes the one normal form.
    pathRewrite: (_path, request) => upgrades.get(request)?.target,
  });

  return {
    open(exchange, hop) {
      const { transport } = exchange;
      if (transport.kind !== "upgrade" || !(transport.socket instanceof Socket))
        throw new GatewayError("server.error", { cause: new Error("upgrade: there is no connection to upgrade") });
      const instance = firstOf(exchange, hop);
      const upgrade = new Upgrade(exchange, hop, { client: transport.socket, instance });
      upgrades.set(transport.request, { upgrade, target: targetOf(exchange) });
      transport.request.url = "/";
      proxy.upgrade(transport.request, transport.socket, transport.head);
    },
  };
}
