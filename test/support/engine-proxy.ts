import { connect, createServer, type Socket } from 'node:net';

export interface EngineProxy {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** Breaks every connection off and takes no new one: what a client sees of an engine that dies. */
  die(): Promise<void>;
}

/** A socket in front of the real engine. */
export async function startEngineProxy(engineHost: string, socketFile: string): Promise<EngineProxy> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    return socket;
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = keep(openEngine(engineHost));
    keep(client).pipe(engine).pipe(client);
    client.once('close', () => engine.destroy());
    engine.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(socketFile, resolve));
  return {
    host: `unix://${socketFile}`,
    die: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function openEngine(host: string): Socket {
  const url = new URL(host);
  const allowHalfOpen = true;
  if (url.protocol === 'unix:') return connect({ path: url.pathname, allowHalfOpen });
  return connect({ host: url.hostname, port: Number(url.port), allowHalfOpen });
}
