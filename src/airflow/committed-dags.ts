import type { DagSettings } from '../config/settings/dag-settings.js';
import type { Finding } from '../finding.js';
import type { PinnedReference } from '../image/reference.js';
import { dagId, fileName } from './dag-names.js';
import { imageIn, isGenerated } from './generated-file.js';

export interface CommittedImages {
  /** By pipeline: the image that its file is for. */
  readonly images: ReadonlyMap<string, PinnedReference>;
  /** Files that are not there, or that somebody else wrote. */
  readonly findings: readonly Finding[];
}

/** The images of the DAG files that the project has, in the order of the pipelines. */
export async function committedImages(
  dag: DagSettings,
  packageName: string,
  read: (file: string) => Promise<Buffer | undefined>,
): Promise<CommittedImages> {
  const images = new Map<string, PinnedReference>();
  const findings: Finding[] = [];
  for (const pipeline of new Set(dag.pipelines)) {
    const file = fileName(dag, dagId(dag.id, packageName, pipeline), pipeline);
    const text = (await read(file))?.toString('utf8');
    const image = text === undefined || !isGenerated(text) ? undefined : imageIn(text);
    if (image !== undefined) images.set(pipeline, image);
    else if (text === undefined) findings.push(notCurrent(file, 'does not exist'));
    else
      findings.push(notCurrent(file, 'was not written by kdeploy', 'choose another file with dag.output or --output'));
  }
  return { images, findings };
}

/** A file that is not as it would be written. */
export function notCurrent(file: string, message: string, remedy = 'write it, and commit it: kdeploy dag'): Finding {
  return { rule: 'dag-current', severity: 'error', message: `${file} ${message}`, remedy, place: { file } };
}
