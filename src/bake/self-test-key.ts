import { createHash } from 'node:crypto';
import type { ImageHistoryEntry } from '../places/engine/images.js';
import type { ProjectSource } from '../project/sources/source.js';

/** What decides how a self-test comes out, apart from the Python files that only the self-test can name (verdicts.ts). */
export interface SelfTestSubject {
  readonly source: ProjectSource;
  /** The project's folder of configuration: `conf`. */
  readonly confSource: string;
  /** Digests of the layers below the project's files, lowest first. */
  readonly installed: readonly string[];
  readonly planDigest: string;
}

/**
 * The key under which a self-test's verdict is kept: the layers up to the last RUN (base image, Python, packages),
 * conf/, pyproject.toml and the bake plan. Nodes are not among them, so editing one does not pay for a self-test,
 * which starts Kedro and takes 6 s.
 */
export async function selfTestKey(subject: SelfTestSubject): Promise<string> {
  const hash = createHash('sha256');
  for (const layer of subject.installed) hash.update(`${layer}\n`);
  hash.update(`${subject.planDigest}\n`);
  for (const file of ['pyproject.toml', '.dockerignore', ...(await subject.source.list(subject.confSource))]) {
    const content = await subject.source.read(file);
    hash.update(`${file} ${content?.length ?? 0}\n`).update(content ?? '');
  }
  return hash.digest('hex');
}

/** The layers that commands made or that lie below one; what was copied in after the last command is the project. */
export function installedLayers(layers: readonly string[], history: readonly ImageHistoryEntry[]): readonly string[] {
  let copied = 0;
  for (const { createdBy, size } of history) {
    if (size === 0) continue;
    if (!isCopy(createdBy)) break;
    copied++;
  }
  return layers.slice(0, layers.length - copied);
}

/** The classic builder writes `/bin/sh -c #(nop) COPY dir:… in .`, BuildKit `COPY . . # buildkit`. */
function isCopy(createdBy: string): boolean {
  return /^(\/bin\/sh -c #\(nop\) +)?(COPY|ADD) /.test(createdBy);
}
