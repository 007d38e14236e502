/** The first line of git cat-file --batch about an object; `missing` when the repository has none of that name. */
export type BatchHeader =
  | { readonly kind: 'missing' }
  | { readonly kind: 'object'; readonly id: string; readonly type: string; readonly size: number };

export interface BatchListener {
  /** Whether the content is wanted; `stop`: nothing that follows is looked at. */
  header(header: BatchHeader): 'content' | 'stop';
  content(content: Buffer): void;
  /** The output is none of git cat-file: reading ends here. */
  unreadable(line: string): void;
}

const NEWLINE = 0x0a;
/** An id of 64 digits, a type and a size; more than that without a line break is something else. */
const MAXIMUM_HEADER_BYTES = 1024;

/** Cuts the output of `git cat-file --batch` into its answers, in whatever pieces it arrives. */
export class BatchOutput {
  private chunks: Buffer[] = [];
  private length = 0;
  /** Bytes of the content that is being read, its closing line break included; `undefined` between two answers. */
  private awaited: number | undefined;
  private stopped = false;

  constructor(private readonly listener: BatchListener) {}

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    while (!this.stopped && this.step());
  }

  /** Whether one more answer, or a part of one, could be taken off. */
  private step(): boolean {
    return this.awaited === undefined ? this.readHeader() : this.readContent(this.awaited);
  }

  private readHeader(): boolean {
    if (this.length === 0) return false;
    const bytes = this.joined();
    const end = bytes.indexOf(NEWLINE);
    if (end === -1 && bytes.length <= MAXIMUM_HEADER_BYTES) return false;
    const line = bytes.subarray(0, end === -1 ? MAXIMUM_HEADER_BYTES : end).toString('utf8');
    const header = end === -1 ? undefined : headerOf(line);
    if (header === undefined) {
      this.stop();
      this.listener.unreadable(line);
      return false;
    }
    this.keep(bytes.subarray(end + 1));
    const wanted = this.listener.header(header);
    if (wanted === 'stop') this.stop();
    else if (header.kind === 'object') this.awaited = header.size + 1;
    return !this.stopped;
  }

  private readContent(awaited: number): boolean {
    // Joined only when all is there: joining at every chunk would take a time that grows with the square of the size.
    if (this.length < awaited) return false;
    const bytes = this.joined();
    this.awaited = undefined;
    this.keep(bytes.subarray(awaited));
    // A copy, because a view would keep the whole of what was read in memory.
    this.listener.content(Buffer.from(bytes.subarray(0, awaited - 1)));
    return true;
  }

  private joined(): Buffer {
    if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0] ?? Buffer.alloc(0);
  }

  private keep(rest: Buffer): void {
    this.chunks = rest.length === 0 ? [] : [rest];
    this.length = rest.length;
  }

  private stop(): void {
    this.stopped = true;
    this.keep(Buffer.alloc(0));
  }
}

function headerOf(line: string): BatchHeader | undefined {
  const [, id, type, size] = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d{1,15})$/.exec(line) ?? [];
  if (id !== undefined && type !== undefined && size !== undefined)
    return { kind: 'object', id, type, size: Number(size) };
  return / (?:missing|ambiguous)$/.test(line) ? { kind: 'missing' } : undefined;
}
