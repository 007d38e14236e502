import { BatchOutput } from './batch-output.js';
import { endOf, gitFailure, startGit, textOf, type Git, type GitProcess } from './git.js';

/** An object of the repository; the content is left out when it is larger than was asked for. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  readonly content: Buffer | undefined;
}

interface Question {
  readonly name: string;
  readonly maximumBytes: number;
  readonly answer: (object: GitObject | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** Only ids, with git's suffix to peel a tag: a line break in a name would be a second question. */
const NAME = /^[0-9a-f]{40,64}(?:\^\{\})?$/;

/**
 * Objects through one `git cat-file --batch`, which is started at the first question and ended by `close`. Questions may
 * overlap; they are answered in their order.
 */
export class ObjectReader {
  private session: BatchSession | undefined;
  private readonly endings = new Set<Promise<void>>();

  constructor(private readonly git: Git) {}

  /**
   * `read('8f3c…^{}', 1000)`: the object that an id stands for. `undefined`: the repository has none. Throws KdeployError
   * `tool-missing` or `configuration` when git cannot be run or cannot read the repository.
   */
  read(name: string, maximumBytes: number): Promise<GitObject | undefined> {
    if (!NAME.test(name)) return Promise.reject(new Error(`not the id of an object: ${JSON.stringify(name)}`));
    return new Promise((answer, fail) => this.current().ask([{ name, maximumBytes, answer, fail }]));
  }

  /** Answers what is still open, and waits for the process to end. */
  async close(): Promise<void> {
    this.session?.finish();
    this.session = undefined;
    await Promise.all(this.endings);
  }

  private current(): BatchSession {
    if (this.session?.isOver === false) return this.session;
    // After a large object the next process answers what is still open.
    const session = new BatchSession(this.git, (open) => {
      if (this.session === session) this.session = undefined;
      if (open.length > 0) this.current().ask(open);
    });
    this.session = session;
    const ending = session.ended.finally(() => this.endings.delete(ending));
    this.endings.add(ending);
    return session;
  }
}

/** One process and the questions that it has not answered. */
class BatchSession {
  isOver = false;
  readonly ended: Promise<void>;
  private readonly process: GitProcess;
  private pending: Question[] = [];
  /** Lines that git has not been sent. */
  private unsent = '';
  private awaited: Omit<GitObject, 'content'> | undefined;

  /**
   * git prints an object whole, were it gigabytes of data, and another process is there sooner than that is read to its end:
   * `replaced` gets the questions that the next one has to answer.
   */
  constructor(
    git: Git,
    private readonly replaced: (open: readonly Question[]) => void,
  ) {
    this.process = startGit(git, ['cat-file', '--batch']);
    const output = new BatchOutput({
      header: (header) => (header.kind === 'missing' ? this.answer(undefined) : this.judge(header)),
      content: (content) => {
        if (this.awaited !== undefined) this.answer({ ...this.awaited, content });
      },
      unreadable: (line) => {
        this.process.kill();
        this.fail(gitFailure('git cat-file returned an unexpected response', line));
      },
    });
    this.process.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    // Why it reads no more is in its last words.
    this.process.stdin.on('error', () => undefined);
    this.ended = this.end(textOf(this.process.stderr));
  }

  ask(questions: readonly Question[]): void {
    this.pending.push(...questions);
    // Rules ask for hundreds of files at once: a call of the system for each took a tenth of the time of a large push.
    if (this.unsent === '') process.nextTick(() => this.send());
    for (const { name } of questions) this.unsent += `${name}\n`;
  }

  finish(): void {
    this.send();
    this.process.stdin.end();
  }

  private send(): void {
    if (this.unsent !== '' && !this.isOver) this.process.stdin.write(this.unsent);
    this.unsent = '';
  }

  private async end(stderr: Promise<string>): Promise<void> {
    try {
      const { exitCode } = await endOf(this.process);
      this.fail(gitFailure(`git cat-file exited early (exit code ${exitCode ?? 'none'})`, await stderr));
    } catch (error) {
      this.fail(error);
    }
  }

  private judge(header: Omit<GitObject, 'content'>): 'content' | 'stop' {
    const { id, type, size } = header;
    const [question, ...open] = this.pending;
    if (question === undefined || size <= question.maximumBytes) {
      this.awaited = { id, type, size };
      return 'content';
    }
    this.isOver = true;
    this.pending = [];
    this.process.kill();
    question.answer({ id, type, size, content: undefined });
    this.replaced(open);
    return 'stop';
  }

  private answer(object: GitObject | undefined): 'content' {
    this.awaited = undefined;
    this.pending.shift()?.answer(object);
    return 'content';
  }

  private fail(error: unknown): void {
    this.isOver = true;
    const open = this.pending;
    this.pending = [];
    for (const { fail } of open) fail(error);
  }
}
