/** What of an answer's header fields is asked for: names are not case-sensitive, and several values have a comma between them. */
export interface AnswerHeaders {
  get(name: string): string | null;
  has(name: string): boolean;
}

export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream has the length that `Content-Length` says. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Ends it, also while the answer's body is read. */
  readonly signal: AbortSignal;
  /** Called each time that bytes of the body have left this process. */
  readonly onMoved?: () => void;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** As it comes, and unpacked; who leaves it before its end closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * One request and its answer, as they stand: no redirect is followed, and nothing is tried again. Rejects with what the
 * system or the body threw.
 */
export interface Wire {
  exchange(request: WireRequest): Promise<WireAnswer>;
}
