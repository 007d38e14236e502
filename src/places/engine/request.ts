import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

/** Is called until there is nothing more to tell; the first time counts. */
export type Take = (error: Error | null, answer?: IncomingMessage | Duplex) => void;

/**
 * Sends a request and hands over what comes back: a response, a raw connection, or why there is none.
 * Without redirects: an engine sends none, and docker-modem crashes on some.
 */
export function startRequest(
  protocol: string | undefined,
  options: RequestOptions,
  data: unknown,
  take: Take,
): ClientRequest | undefined {
  let request: ClientRequest;
  try {
    request = (protocol === 'https' ? https : http).request(options);
  } catch (error) {
    take(error as Error);
    return undefined;
  }
  let isAnswered = false;
  const answered = (answer: IncomingMessage | Duplex): void => {
    isAnswered = true;
    take(null, answer);
  };
  request.on('response', answered);
  request.on('upgrade', (_response, socket: Duplex, head) => {
    if (head.length > 0) socket.unshift(head);
    answered(socket);
  });
  request.on('error', (error) => isAnswered || take(error));
  // Whatever ends a connection ends the call.
  request.on('close', () => isAnswered || take(new Error('the connection was closed without an answer')));
  if (isReadable(data)) {
    data.once('error', (error: Error) => request.destroy(error));
    data.pipe(request);
  } else request.end(data);
  return request;
}

/** Of any library: build contexts are packed by one with streams of its own. */
function isReadable(data: unknown): data is NodeJS.ReadableStream {
  return typeof data === 'object' && data !== null && 'pipe' in data;
}
