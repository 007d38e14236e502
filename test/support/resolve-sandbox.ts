import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findUv, type Uv } from '../../src/builders/layers/resolve/find-uv.js';
import type { LockedPackage } from '../../src/builders/layers/resolve/locked-package.js';
import {
  resolvePackages,
  type Resolution,
  type ResolveRequest,
} from '../../src/builders/layers/resolve/resolve-packages.js';
import type { ImagePython } from '../../src/builders/layers/image-python.js';
import { FolderCache } from '../../src/cache/file-cache.js';
import { workTree } from '../../src/project/sources/work-tree.js';
import { TemporaryFolder } from '../unit/temporary-folder.js';
import { PackageIndexes } from './package-index.js';

export const PYTHON: ImagePython = {
  version: '3.11.2',
  executable: '/usr/bin/python3.11',
  libc: { kind: 'glibc', version: '2.36' },
  machine: 'x86_64',
};

/** A project, indexes, a home folder and caches of its own; whatever asks for another host is refused, and noted. */
export class ResolveSandbox {
  readonly notes: string[] = [];
  readonly lines: string[] = [];
  environment: NodeJS.ProcessEnv;

  private constructor(
    readonly folder: TemporaryFolder,
    readonly indexes: PackageIndexes,
    readonly uv: Uv,
  ) {
    this.environment = ownEnvironment(folder, indexes);
  }

  static async create(): Promise<ResolveSandbox> {
    const { signal } = new AbortController();
    // First, since a machine without uv ends here, and nothing must be left running.
    const uv = await findUv({ projectRoot: tmpdir(), environment: process.env, signal });
    const folder = await TemporaryFolder.create();
    await folder.write({ 'project/README.md': '' });
    return new ResolveSandbox(folder, await PackageIndexes.start(), uv);
  }

  /** Writes files of the project. */
  async write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
    await this.folder.write(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [path.join('project', name), content])),
    );
  }

  async resolve(changes: Partial<ResolveRequest> = {}): Promise<Resolution> {
    const project = changes.project ?? this.folder.file('project');
    return resolvePackages({
      project,
      source: workTree(project),
      python: PYTHON,
      uv: this.uv,
      cache: new FolderCache(this.folder.file('cache')),
      environment: this.environment,
      signal: new AbortController().signal,
      note: (text) => this.notes.push(text),
      onLine: (text) => this.lines.push(text),
      ...changes,
    });
  }

  /** Requests for anything but the indexes here. */
  get askedElsewhere(): readonly string[] {
    return this.indexes.asked.filter((line) => !/^[A-Z]+ \//.test(line));
  }

  async remove(): Promise<void> {
    await this.indexes.stop();
    await this.folder.remove();
  }
}

function ownEnvironment(folder: TemporaryFolder, indexes: PackageIndexes): NodeJS.ProcessEnv {
  const proxy = `http://${indexes.host}`;
  return {
    PATH: process.env.PATH,
    HOME: folder.file('home'),
    XDG_CONFIG_HOME: folder.file('home/.config'),
    XDG_CONFIG_DIRS: folder.file('etc'),
    UV_CACHE_DIR: uvCache(),
    UV_PYTHON_DOWNLOADS: 'never',
    UV_HTTP_RETRIES: '0',
    ...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy, NO_PROXY: '127.0.0.1' },
  };
}

let cacheOfUv: string | undefined;

/** One for all sandboxes of a process: uv asks every Python of the machine what it is, and keeps the answers there. */
function uvCache(): string {
  if (cacheOfUv === undefined) {
    const folder = mkdtempSync(path.join(tmpdir(), 'kdeploy-test-uv-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    cacheOfUv = folder;
  }
  return cacheOfUv;
}

/** `beta 2.0`, or where a package is built from. */
export function versionsOf({ packages }: Pick<Resolution, 'packages'>): string[] {
  return packages.map(({ name, version, artifact }) => `${name} ${version ?? artifact.kind}`);
}

export function packageNamed(name: string, { packages }: Resolution): LockedPackage {
  const found = packages.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is not among the packages`);
  return found;
}
