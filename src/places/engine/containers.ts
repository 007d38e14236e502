import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream/promises';
import type Dockerode from 'dockerode';
import type { Header } from 'tar-stream';
import type { RunConfiguration } from '../../image/run-configuration.js';
import { asCut, parsed } from './answer.js';
import { engineError, imageId, statusOf } from './images.js';
import { ownMark, PROCESS_LABEL } from './intermediate.js';
import { numberIn, textIn } from './shape.js';

/** What a container is created with; what is left out comes from the image. */
export interface ContainerOptions {
  readonly image: string;
  /** Starts with `kdeploy-`, so that a leftover is recognised. */
  readonly name: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  /** `NAME=value`, or `NAME` alone to take the variable out. */
  readonly env?: readonly string[];
  /** `none` for no network at all; the engine's default otherwise. */
  readonly network?: string;
  /** `host path:container path[:ro]`. */
  readonly mounts?: readonly string[];
  readonly platform?: string;
  /** All of it, nothing inherited from the image: for a container that is to be committed. */
  readonly configuration?: RunConfiguration;
}

/** What is at a path in a container. */
export type PathKind = 'folder' | 'link' | 'other';

/** A path in a container, without its content. */
export interface PathStat {
  readonly kind: PathKind;
  readonly size: number;
}

/** The engine's containers. */
export class EngineContainers {
  constructor(private readonly docker: Dockerode) {}

  /** Creates a container without starting it. Throws KdeployError `engine-unreachable` with the engine's words. */
  async create(options: ContainerOptions): Promise<EngineContainer> {
    try {
      const container = await this.docker.createContainer({
        Image: options.image,
        name: options.name,
        ...(options.entrypoint && { Entrypoint: [...options.entrypoint] }),
        ...(options.command && { Cmd: [...options.command] }),
        ...(options.env && { Env: [...options.env] }),
        ...(options.platform && { platform: options.platform }),
        // Podman makes images of what the container has, and gives containers variables of its own (its proxy's, too).
        ...(options.configuration
          ? { ...engineConfiguration(options.configuration), UnsetEnvAll: true }
          : { Labels: { [PROCESS_LABEL]: ownMark() } }),
        HostConfig: {
          ...(options.network && { NetworkMode: options.network }),
          ...(options.mounts && { Binds: [...options.mounts] }),
        },
      });
      // dockerode takes it as it comes, and would ask for a container of the name `undefined`.
      textIn({ Id: container.id as unknown }, 'Id');
      return new EngineContainer(container);
    } catch (error) {
      throw engineError(`the engine could not create a container from ${options.image}`, error);
    }
  }

  /** Creates a container, hands it over, and removes it whatever happens: done, failed or interrupted. */
  async using<T>(options: ContainerOptions, work: (container: EngineContainer) => Promise<T>): Promise<T> {
    const container = await this.create(options);
    let result: T;
    try {
      result = await work(container);
    } catch (error) {
      // The first failure is the one to tell; an engine that is gone cannot remove anything either.
      await container.remove().catch(() => undefined);
      throw error;
    }
    await container.remove();
    return result;
  }
}

/** One container. */
export class EngineContainer {
  constructor(private readonly container: Dockerode.Container) {}

  /** What is at a path; `undefined` for nothing. */
  async kindOf(path: string): Promise<PathKind | undefined> {
    return (await this.look(path))?.kind;
  }

  /** What is at a path, without reading it; `undefined` for nothing. Some 5 ms, where `stat` takes 50. */
  async look(path: string): Promise<PathStat | undefined> {
    try {
      const answer = (await this.container.infoArchive({ path })) as unknown as IncomingMessage;
      answer.resume();
      const header = String(answer.headers['x-docker-container-path-stat'] ?? '');
      const stat = parsed(Buffer.from(header, 'base64').toString('utf8'));
      return { kind: kindOfMode(numberIn(stat, 'mode')), size: numberIn(stat, 'size') };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw engineError(`the engine could not look up ${path} in the container`, error);
    }
  }

  /** The tar header of a file or folder in the container: owner, mode, mtime, type; `undefined` when it is not there. */
  async stat(path: string): Promise<Header | undefined> {
    return (await this.firstEntry(path, false))?.header;
  }

  /** The content of one small file; `undefined` when it is not there. Links are followed by the engine. */
  async readFile(path: string): Promise<Buffer | undefined> {
    return (await this.firstEntry(path, true))?.content;
  }

  /** Unpacks a tar below an existing folder of the container; the engine follows a folder that is a link. */
  async putArchive(folder: string, tar: Buffer): Promise<void> {
    try {
      // A file in a folder's place, or the other way round, is refused instead of replaced.
      await this.container.putArchive(tar, { path: folder, noOverwriteDirNonDir: 'true' });
    } catch (error) {
      throw engineError(`the engine could not write to ${folder}`, error);
    }
  }

  /**
   * Makes an image of this name of a container that was created with this run configuration; returns the image's ID. Podman before 5
   * reads no configuration here and takes the container's. Docker would take the container's with its host name.
   */
  async commit(configuration: RunConfiguration, comment: string, name: string): Promise<string> {
    const colon = name.lastIndexOf(':');
    try {
      const answer: unknown = await this.container.commit({
        _query: {
          container: this.container.id,
          comment,
          pause: false,
          repo: name.slice(0, colon),
          tag: name.slice(colon + 1),
        },
        _body: engineConfiguration(configuration),
      });
      return imageId(textIn(answer, 'Id'));
    } catch (error) {
      throw engineError('the engine could not commit the baked container', error);
    }
  }

  /** The container's output as it comes: stdout and stderr apart. Call before `start`, so that nothing is missed. */
  async attach(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): Promise<{ ended: Promise<void> }> {
    let stream: NodeJS.ReadWriteStream;
    try {
      stream = await this.container.attach({ stream: true, stdout: true, stderr: true });
    } catch (error) {
      throw engineError("the engine could not attach to the container's output", error);
    }
    const ended = finished(stream, { writable: false }).catch((error: unknown) => {
      throw engineError("the container's output broke off", asCut(error));
    });
    // An engine that goes away breaks this off before anybody waits for it; whoever does gets the error anyway.
    ended.catch(() => undefined);
    (this.container.modem as Demultiplexer).demuxStream(stream, stdout, stderr);
    return { ended };
  }

  async start(): Promise<void> {
    try {
      await this.container.start();
    } catch (error) {
      throw engineError('the engine could not start the container', error);
    }
  }

  /** Waits until the container has ended; its exit code. */
  async wait(signal?: AbortSignal): Promise<number> {
    try {
      const answer: unknown = await this.container.wait(signal && { abortSignal: signal });
      return numberIn(answer, 'StatusCode');
    } catch (error) {
      throw engineError('the engine could not report the exit code of the container', error);
    }
  }

  /** Removes the container, running or not; one that is gone already is fine. */
  async remove(): Promise<void> {
    try {
      await this.container.remove({ force: true, v: true });
    } catch (error) {
      const status = statusOf(error);
      // 409: the engine is removing it already.
      if (status !== 404 && status !== 409) throw engineError('the engine could not remove a container', error);
    }
  }

  /** The engine answers with a tar of the whole folder; only its first entry is read, then the connection is dropped. */
  private async firstEntry(path: string, withContent: boolean): Promise<TarEntry | undefined> {
    // Before the answer, not after it: a connection that breaks while nobody listens is never heard of again.
    const { extract } = await import('tar-stream');
    let stream: NodeJS.ReadableStream & { destroy(): void };
    try {
      stream = (await this.container.getArchive({ path })) as typeof stream;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw engineError(`the engine could not read ${path} in the container`, error);
    }
    const entries = extract();
    stream.pipe(entries);
    stream.once('error', (error: Error) => entries.destroy(error));
    try {
      for await (const entry of entries) {
        if (!withContent) return { header: entry.header, content: Buffer.alloc(0) };
        const chunks: Buffer[] = [];
        for await (const chunk of entry) chunks.push(chunk as Buffer);
        return { header: entry.header, content: Buffer.concat(chunks) };
      }
      return undefined;
    } catch (error) {
      throw engineError(`the engine broke off reading ${path} in the container`, error);
    } finally {
      stream.destroy();
    }
  }
}

/** As the engine names it. */
function engineConfiguration(configuration: RunConfiguration): object {
  const { env, entrypoint, cmd, workingDirectory, user, labels } = configuration;
  return { Env: env, Entrypoint: entrypoint, Cmd: cmd, WorkingDir: workingDirectory, User: user, Labels: labels };
}

/** docker-modem splits the engine's one stream by the eight-byte headers of its attach protocol. */
interface Demultiplexer {
  demuxStream(stream: NodeJS.ReadableStream, stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): void;
}

/** Go's os.FileMode: the highest bit is a folder's, the one at 27 a symbolic link's. */
function kindOfMode(mode: number): PathKind {
  if (Math.floor(mode / 2 ** 31) % 2 === 1) return 'folder';
  return Math.floor(mode / 2 ** 27) % 2 === 1 ? 'link' : 'other';
}

interface TarEntry {
  readonly header: Header;
  readonly content: Buffer;
}
