import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { EngineFault } from './fault.js';

/** How a call wants its answer: docker-modem's words. */
export interface AnswerForm {
  /** The response itself, to be read by the caller; else its JSON. */
  readonly isStream?: boolean;
  /** The raw connection. */
  readonly hijack?: boolean;
  /** `true` for success, anything else for a refusal. */
  readonly statusCodes: Readonly<Record<number, boolean | string | undefined>>;
}

/** An engine that will not do what it was asked to, and says why. */
export class EngineRefusal extends Error {
  constructor(
    message: string,
    readonly statusCode: number,
  ) {
    super(message);
    this.name = 'EngineRefusal';
  }
}

/** More than any answer that is not a stream has. */
const MAXIMUM_BYTES = 64 * 1024 * 1024;

/**
 * The answer to a call, checked once for all who call: an engine sends JSON, tar archives and plain streams, and gives
 * its reasons as JSON. Everything else comes from something that stands in its place.
 * Throws EngineRefusal with the engine's words, EngineFault for what cannot be its answer.
 */
export async function acceptAnswer(call: string, form: AnswerForm, given: IncomingMessage | Duplex): Promise<unknown> {
  if (!isResponse(given)) return opened(call, form, given);
  const { statusCode: status = 0 } = given;
  if (form.statusCodes[status] !== true) throw await refusal(call, given, status);
  if (form.hijack === true) throw foreign(call, given, 'does not open a connection');
  if (call.endsWith(' /_ping')) return pong(call, given);
  if (isPage(given)) throw foreign(call, given, 'is a web page');
  return form.isStream === true ? given : json(call, given);
}

/** A raw connection, to whoever asked for one; any other would wait for a response that does not come. */
function opened(call: string, form: AnswerForm, connection: Duplex): Duplex {
  if (form.hijack === true) return connection;
  connection.destroy();
  throw new EngineFault('foreign', `the answer to ${call} opens a connection that was not asked for`);
}

function isResponse(given: IncomingMessage | Duplex): given is IncomingMessage {
  return 'statusCode' in given;
}

/** The answer to a ping is its headers. */
async function pong(call: string, response: IncomingMessage): Promise<IncomingMessage> {
  const text = (await bytesOf(call, response)).toString('utf8').trim();
  if (text !== 'OK' && text !== '') throw foreign(call, response, 'is not OK');
  return response;
}

/** `undefined` for an answer without content. */
async function json(call: string, response: IncomingMessage): Promise<unknown> {
  const text = (await bytesOf(call, response)).toString('utf8').trim();
  if (text === '') return undefined;
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) throw foreign(call, response, 'is not valid JSON');
  return value;
}

async function refusal(call: string, response: IncomingMessage, status: number): Promise<Error> {
  // Without content by HTTP's rules.
  if (call.startsWith('HEAD ') && !isPage(response)) {
    // A response that nobody reads keeps its connection, and so the process.
    response.resume();
    return new EngineRefusal(`HTTP ${status} without a reason`, status);
  }
  const answer = parsed((await bytesOf(call, response)).toString('utf8'));
  const message = typeof answer === 'object' && answer !== null && 'message' in answer ? answer.message : undefined;
  if (typeof message !== 'string') return foreign(call, response, 'has no reason that an engine gives');
  return new EngineRefusal(message.trim() === '' ? `HTTP ${status} without a reason` : message.trim(), status);
}

/** `undefined` for what is not JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A proxy's, or a login page. */
function isPage(response: IncomingMessage): boolean {
  return /^text\/html|^application\/xhtml/i.test(response.headers['content-type'] ?? '');
}

function foreign(call: string, response: IncomingMessage, what: string): EngineFault {
  const { statusCode: status = 0, headers } = response;
  response.destroy();
  const type = headers['content-type'] === undefined ? '' : `, ${headers['content-type']}`;
  return new EngineFault('foreign', `the answer to ${call} ${what} (HTTP ${status}${type})`, { status });
}

async function bytesOf(call: string, response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAXIMUM_BYTES) throw foreign(call, response, 'does not end');
      chunks.push(chunk);
    }
  } catch (error) {
    throw asCut(error);
  }
  return Buffer.concat(chunks);
}

/** What ended a connection, in words; what other code threw on purpose stays as it is. */
export function asCut(error: unknown): Error {
  if (!(error instanceof Error))
    return new EngineFault('cut', 'the connection was closed before the answer was complete');
  const code = 'code' in error ? String(error.code) : '';
  // llhttp's, of Node: what came does not speak HTTP, or not as an engine does.
  if (code.startsWith('HPE_'))
    return new EngineFault('foreign', `the answer is not an engine's: ${error.message.replace(/^Parse Error: /, '')}`);
  if (code !== 'ECONNRESET' && code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') return error;
  return new EngineFault('cut', `the connection was closed before the answer was complete (${error.message})`);
}
