import type { Agent } from "node:http";
import type { Duplex } from "node:stream";

/** Makes an agent break off answers of more than so many bytes: the connection ends with an error that says so. */
export function boundAnswers<Kind extends Agent>(agent: Kind, most: number): Kind {
  const read = new WeakMap<Duplex, number>();
  const connect = agent.createConnection.bind(agent);
  const reuse = agent.reuseSocket.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    socket?.on("data", (chunk: Buffer) => {
      const bytes = (read.get(socket) ?? 0) + chunk.length;
      read.set(socket, bytes);
      if (bytes > most) socket.destroy(new Error(`the answer is longer than ${Math.round(most / 1024)} KiB`));
    });
    return socket;
  };
  agent.reuseSocket = (socket, request) => {
    read.delete(socket);
    reuse(socket, request);
  };
  return agent;
}
