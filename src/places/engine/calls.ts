import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import { acceptAnswer, asCut, type AnswerForm } from './answer.js';
import { EngineFault, silence } from './fault.js';
import { startRequest, type Take } from './request.js';

/** How long the engine may take, in milliseconds. */
export interface CallLimits {
  /** For what it only has to look up. */
  readonly answer: number;
  /** For what it has to do: create, commit, remove. */
  readonly change: number;
  /** Between two pings while the engine works: a build or a container may be silent for as long as it likes. */
  readonly pulse: number;
  /** For the answer to such a ping. */
  readonly ping: number;
  /** For a sign of life after Ctrl-C; without one nothing more is waited for. */
  readonly interrupted: number;
  /** For each change after Ctrl-C: most clear away. */
  readonly clearing: number;
}

const LIMITS: CallLimits = {
  answer: 30_000,
  change: 300_000,
  pulse: 15_000,
  ping: 30_000,
  interrupted: 700,
  clearing: 30_000,
};

/** What a call asks for, and so how long it may take: see CallLimits. `work` has no limit but the pulse. */
type CallKind = 'answer' | 'change' | 'work';

interface Call {
  readonly kind: CallKind;
  /** Ends it with an error, unless it has ended. */
  readonly fail: (error: Error) => void;
  readonly limit: (milliseconds: number) => void;
}

/** The part of docker-modem that sends. */
interface Modem {
  readonly protocol?: string;
  dial(options: object, done: ModemCallback): void;
  buildRequest(options: RequestOptions, form: AnswerForm, data: unknown, done: ModemCallback): void;
}

type ModemCallback = (error: Error | null, answer?: unknown) => void;

/**
 * Makes every call of a dockerode client end: with an answer that an engine can have given, or with an error. docker-modem
 * never calls back for an answer that breaks off, takes any page with status 200 for an answer, and waits for ever.
 */
export function superviseCalls(
  docker: Dockerode,
  signal?: AbortSignal,
  limits: Partial<CallLimits> = {},
): Pick<SupervisedCalls, 'whileAlive'> {
  const modem = docker.modem as unknown as Modem;
  const calls = new SupervisedCalls(modem, { ...LIMITS, ...limits });
  modem.buildRequest = (options, form, data, done) => calls.send(options, form, data, done);
  signal?.addEventListener('abort', () => void calls.interrupt(signal.reason as Error), { once: true });
  return calls;
}

class SupervisedCalls {
  private readonly pending = new Set<Call>();
  /** docker-modem's own, which alone knows how to reach an engine over ssh. */
  private readonly sendOverSsh: Modem['buildRequest'];
  private pulse: NodeJS.Timeout | undefined;
  private isInterrupted = false;
  private gone: EngineFault | undefined;

  constructor(
    private readonly modem: Modem,
    private readonly limits: CallLimits,
  ) {
    this.sendOverSsh = modem.buildRequest.bind(modem);
  }

  send(options: RequestOptions, form: AnswerForm, data: unknown, done: ModemCallback): void {
    if (this.gone !== undefined) {
      done(this.gone);
      return;
    }
    const name = `${options.method ?? 'GET'} ${(options.path ?? '').replace(/\?.*$/, '')}`;
    const kind = kindOf(name);
    let request: ClientRequest | undefined;
    let answer: IncomingMessage | Duplex | undefined;
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const settle = (error: Error | null, value?: unknown): void => {
      if (isSettled) return;
      isSettled = true;
      const isOpen = error === null && answer !== undefined && !answer.closed;
      // What is read of it has the same limit.
      if (!isOpen || form.isStream !== true) clearTimeout(timer);
      if (!isOpen) this.forget(call);
      else
        answer?.once('close', () => {
          clearTimeout(timer);
          this.forget(call);
        });
      try {
        done(error, value);
      } catch (cause) {
        // dockerode reads some answers by itself: the ID of a new container.
        done(new EngineFault('foreign', `the answer to ${name} is not an engine's`, { cause }));
      }
    };
    const call: Call = {
      kind,
      fail: (error) => {
        settle(error);
        (answer ?? request)?.destroy(error);
      },
      limit: (milliseconds) => {
        clearTimeout(timer);
        if (!isSettled) timer = setTimeout(() => call.fail(silence(milliseconds)), milliseconds);
      },
    };
    this.remember(call);
    if (kind !== 'work') call.limit(this.limitOf(kind, name));
    const take: Take = (error, given) => {
      // Over ssh there is null.
      if (!given) {
        settle(asCut(error));
        return;
      }
      answer = given;
      // Whoever reads it listens for errors as well; until then nobody would.
      given.on('error', () => undefined);
      if (isSettled) given.destroy();
      else acceptAnswer(name, form, given).then((value) => settle(null, value), settle);
    };
    if (this.modem.protocol === 'ssh') this.sendOverSsh(options, rawForm(form), data, take as ModemCallback);
    else request = startRequest(this.modem.protocol, options, data, take);
  }

  /** Does what another program does with the engine, and aborts it where the engine no longer answers. */
  async whileAlive<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const silenced = new AbortController();
    const call: Call = { kind: 'work', fail: (error) => silenced.abort(error), limit: () => undefined };
    this.remember(call);
    try {
      return await work(AbortSignal.any([signal, silenced.signal]));
    } catch (error) {
      if (silenced.signal.aborted && !signal.aborted) throw silenced.signal.reason;
      throw error;
    } finally {
      this.forget(call);
    }
  }

  private remember(call: Call): void {
    this.pending.add(call);
    if (call.kind !== 'answer') this.pulse ??= setInterval(() => void this.feelPulse(), this.limits.pulse);
  }

  private forget(call: Call): void {
    this.pending.delete(call);
    if ([...this.pending].some(({ kind }) => kind !== 'answer')) return;
    clearInterval(this.pulse);
    this.pulse = undefined;
  }

  /** An engine that answers nothing at all, not even this, works no more. */
  private async feelPulse(): Promise<void> {
    const fault = await this.ping(this.limits.ping);
    if (fault !== undefined) this.failAll(fault, 'change', 'work');
  }

  /**
   * After Ctrl-C: what is only waited for ends at once, and what the engine is changing may end, so that it is known what
   * there is to clear away. An engine that gives no sign of life is not waited for.
   */
  async interrupt(reason: Error): Promise<void> {
    this.isInterrupted = true;
    this.failAll(reason, 'answer', 'work');
    this.gone = await this.ping(this.limits.interrupted);
    if (this.gone !== undefined) this.failAll(this.gone, 'answer', 'work', 'change');
    else for (const call of this.pending) if (call.kind === 'change') call.limit(this.limits.clearing);
  }

  /** Why there is no answer; `undefined` for any, and for an engine that cannot be reached, which the calls say themselves. */
  private ping(milliseconds: number): Promise<EngineFault | undefined> {
    const abortSignal = AbortSignal.timeout(milliseconds);
    return new Promise((resolve) => {
      this.modem.dial({ method: 'GET', path: '/_ping', abortSignal, statusCodes: { 200: true } }, (error) =>
        resolve(error !== null && abortSignal.aborted ? silence(milliseconds) : undefined),
      );
    });
  }

  private failAll(error: Error, ...kinds: CallKind[]): void {
    for (const call of this.pending) if (kinds.includes(call.kind)) call.fail(error);
  }

  private limitOf(kind: 'answer' | 'change', name: string): number {
    // A tag is a change, and takes no longer than a look.
    const limit = this.limits[/\/(?:un)?tag$/.test(name) ? 'answer' : kind];
    return this.isInterrupted ? Math.min(limit, this.limits.clearing) : limit;
  }
}

/** Hands over the response whatever its status is. */
function rawForm(form: AnswerForm): AnswerForm {
  return { ...form, isStream: true, statusCodes: new Proxy({}, { get: () => true }) };
}

const WORK =
  /^(?:POST \/build|POST \/session|POST \/images\/.+\/push|POST \/containers\/[^/]+\/(?:wait|attach)|GET \/images\/.+\/get|GET \/distribution\/.+)$/;

function kindOf(call: string): CallKind {
  if (WORK.test(call)) return 'work';
  return /^(?:GET|HEAD) /.test(call) ? 'answer' : 'change';
}
