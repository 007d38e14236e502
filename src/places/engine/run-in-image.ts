import { PassThrough } from 'node:stream';
import type { ContainerOptions, EngineContainers } from './containers.js';

/** How a program in the image ended, and what it printed, without blank lines. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** What is said in place of an engine's error. */
export interface Failures {
  readonly toStart: (error: unknown) => never;
  readonly toEnd: (error: unknown) => never;
}

const AS_THE_ENGINE_SAYS: Failures = { toStart: raise, toEnd: raise };

/** Starts a container, waits for its end, and takes it away. */
export async function runInImage(
  containers: EngineContainers,
  options: ContainerOptions,
  signal: AbortSignal,
  failures: Failures = AS_THE_ENGINE_SAYS,
): Promise<Ended> {
  return containers.using(options, async (container) => {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const { ended } = await container.attach(stdout, stderr);
    await container.start().catch(failures.toStart);
    const exitCode = await container.wait(signal).catch(failures.toEnd);
    await ended;
    return { exitCode, stdout: stdout.lines(), stderr: stderr.lines() };
  });
}

function raise(error: unknown): never {
  throw error;
}

/** A stream that remembers what was written to it; the engine's demultiplexer wants streams. */
class Collector extends PassThrough {
  private readonly chunks: Buffer[] = [];

  constructor() {
    super();
    this.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
    });
  }

  lines(): string[] {
    return Buffer.concat(this.chunks)
      .toString('utf8')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '');
  }
}
