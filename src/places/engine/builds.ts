import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { BuildkitTrace } from './buildkit-trace.js';
import { followMessages } from './message-stream.js';

/** The engine's number for BuildKit. As a number: for the text '2' dockerode opens a session of its own in place of ours. */
const BUILDKIT = 2;

export interface EngineBuildOptions {
  readonly tag: string;
  readonly dockerfile: string;
  readonly platform: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** For pulling the base image: registry host → credentials. */
  readonly registries: Readonly<Record<string, object>>;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
  /** BuildKit with the session of this ID; the classic builder without. */
  readonly session: string | undefined;
  /** For Podman, which has no sessions. */
  readonly secrets: readonly ContextSecret[];
}

/** A build secret that travels as a file of the build context. Podman moves it out of there before it builds. */
export interface ContextSecret {
  readonly id: string;
  /** Its name at the top of the context. */
  readonly file: string;
  readonly content: Buffer;
}

/** POST /build: hands a build context to the engine and follows the build to its end. */
export class EngineBuilds {
  constructor(private readonly docker: Dockerode) {}

  /** Throws EngineStreamError when the build fails, and what the connection threw when the engine went away. */
  async build(context: Readable, options: EngineBuildOptions): Promise<void> {
    const trace = options.session === undefined ? undefined : await BuildkitTrace.create();
    const stream = await this.docker.buildImage(context, {
      t: options.tag,
      dockerfile: options.dockerfile,
      platform: options.platform,
      buildargs: { ...options.buildArguments },
      registryconfig: registryConfig(options.registries),
      rm: true,
      forcerm: true,
      abortSignal: options.signal,
      ...(options.session !== undefined && { version: BUILDKIT, session: options.session }),
      ...(options.secrets.length > 0 && {
        secrets: JSON.stringify(options.secrets.map(({ id, file }) => `id=${id},src=${file}`)),
      }),
    } as object as Dockerode.ImageBuildOptions);
    let rest = '';
    const show = (line: string): void => {
      if (line.trim() !== '') options.onLine(line);
    };
    try {
      await followMessages(stream, (message) => {
        trace?.lines(message).forEach(show);
        rest += message.stream ?? '';
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(show);
      });
    } finally {
      // The last words of a step that failed often end without a line break.
      [...(trace?.rest() ?? []), rest].forEach(show);
    }
  }
}

/** X-Registry-Config. dockerode's own encoding is not the URL-safe one that the engine reads, and engines ignore what they cannot read. */
function registryConfig(registries: EngineBuildOptions['registries']): { base64: string } {
  const text = Buffer.from(JSON.stringify(registries)).toString('base64');
  return { base64: text.replaceAll('+', '-').replaceAll('/', '_') };
}
