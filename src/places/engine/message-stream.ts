import { asCut } from './answer.js';
import { EngineFault } from './fault.js';

/** One record of the engine's answer to build, pull or push (moby: pkg/jsonmessage). */
export interface EngineMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: unknown;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** The engine reported a failure inside a stream whose HTTP status was 200. */
export class EngineStreamError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EngineStreamError';
  }
}

async function* whole(stream: NodeJS.ReadableStream): AsyncGenerator<string | Buffer> {
  try {
    yield* stream as AsyncIterable<string | Buffer>;
  } catch (error) {
    throw asCut(error);
  }
}

function parseMessage(line: string): EngineMessage {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    // Said below, with what came.
  }
  if (typeof message === 'object' && message !== null && !Array.isArray(message)) return message;
  throw new EngineFault('foreign', `the engine's stream has a line that is not a record: ${line.trim().slice(0, 80)}`);
}

/** A record longer than this is not one of the engine's. */
const MAXIMUM_LINE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Reads an engine's JSON stream to its end. Every daemon stream goes through here, because the engine answers 200 and
 * reports a failure as a record: a reader that takes those for log lines calls a failed build a success.
 * Throws EngineStreamError on an `error` record, and whatever the connection threw when it broke off.
 */
export async function followMessages(
  stream: NodeJS.ReadableStream,
  onMessage: (message: EngineMessage) => void,
): Promise<void> {
  let rest = '';
  let failure: EngineStreamError | undefined;
  const decoder = new TextDecoder();
  const take = (line: string): void => {
    if (line.trim() === '') return;
    const message = parseMessage(line);
    const error = message.errorDetail?.message ?? message.error;
    // Read on to the end: what follows may still explain the failure, and the connection closes cleanly.
    if (error !== undefined) failure ??= new EngineStreamError(error);
    else onMessage(message);
  };
  for await (const chunk of whole(stream)) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAXIMUM_LINE_CHARACTERS)
      throw new EngineFault('foreign', 'the engine sent a record that does not end');
    lines.forEach(take);
  }
  take(rest);
  if (failure !== undefined) throw failure;
}
