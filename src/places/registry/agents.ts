import type { Agent, ClientRequestArgs } from 'node:http';
import type { OnReadOpts, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A server that closes a connection while a request is on its way costs a try; few close one so soon. */
const IDLE_CONNECTION_MS = 4_000;
const READ_BYTES = 256 * 1024;

type Connect = (options: ClientRequestArgs, onConnection?: (error: Error | null, socket: Duplex) => void) => Duplex;

/**
 * Connections that are used again, and that keep no process from its end. What comes over one is read into one piece of
 * memory again and again, for Node's parser takes a copy: memory that is new each time costs a third of a copy's time.
 */
export async function createAgent(protocol: string): Promise<Agent> {
  const { Agent } = await (protocol === 'https:' ? import('node:https') : import('node:http'));
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  const known = agent as unknown as { createConnection: Connect };
  const connect = known.createConnection.bind(agent);
  known.createConnection = (options, onConnection) => connect({ ...options, ...readingAgain() }, onConnection);
  return agent;
}

function readingAgain(): { onread: OnReadOpts } {
  return {
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      // Node calls it as the socket's own.
      callback(this: Socket, length: number, buffer: Uint8Array): boolean {
        this.emit('data', buffer.subarray(0, length));
        return true;
      },
    },
  };
}
