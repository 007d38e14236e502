import { KdeployError } from '../../errors.js';

/** A body that is sent as it is read. Its request is tried once: only who made the stream can make another. */
export interface SentStream {
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A stream on its way out: its length is compared, and what kept it from being read is not taken for the connection's. */
export class OutgoingStream {
  /** Nothing more of it is to come. */
  isRead = false;
  failure: { readonly reason: unknown } | undefined;

  constructor(private readonly stream: SentStream) {}

  async *chunks(): AsyncGenerator<Uint8Array> {
    const { size, chunks } = this.stream;
    let sent = 0;
    try {
      for await (const chunk of chunks) {
        sent += chunk.length;
        if (sent > size) throw notAsAnnounced(size);
        this.isRead = sent === size;
        yield chunk;
      }
      if (sent < size) throw notAsAnnounced(size);
    } catch (reason) {
      this.failure = { reason };
      throw reason;
    }
  }
}

/** Checked here: of a body that is longer than its header says, the server takes the rest for another request. */
function notAsAnnounced(size: number): KdeployError {
  return new KdeployError('push-failed', `what was to be sent does not have the ${size} bytes that it should have`, {
    hint: 'it may have been changed while it was sent: push again',
  });
}
