import { readFile } from 'node:fs/promises';

import { parse } from 'yaml';

import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { run } from '../environment/commands.js';
import { ensureProgram } from './programs.js';
import type { Credentials } from './token-server.js';

export type Verdict = 'Pass' | 'FAIL' | 'Skip' | 'Disabled';

export interface Conformance {
  /** By the suite's name for a part of the API: `Blob mount`. */
  readonly apis: Readonly<Record<string, Verdict>>;
  /** What it found wrong, each once. */
  readonly complaints: readonly string[];
}

/** Pull and push of what kdeploy copies. What it never asks of a registry is not asked here either. */
const WITHOUT = [
  'API_BLOBS_DELETE',
  'API_BLOBS_MOUNT_ANONYMOUS',
  'API_MANIFESTS_DELETE',
  'API_REFERRER',
  'API_TAGS_DELETE',
  'API_TAGS_LIST',
  'DATA_EMPTY_BLOB',
  'DATA_NONDISTRIBUTABLE',
  'DATA_SHA512',
  'DATA_SUBJECT',
  'DATA_SUBJECT_LIST',
  'DATA_SUBJECT_MISSING',
];

/** The conformance suite of the OCI distribution spec, run against a registry. */
export async function conformanceOf(registry: string, { username, password }: Credentials): Promise<Conformance> {
  const folder = await TemporaryFolder.create();
  try {
    const printed = await run([await ensureProgram('conformance')], {
      cwd: folder.path,
      env: {
        ...Object.fromEntries(WITHOUT.map((name) => [`OCI_${name}`, 'false'])),
        OCI_REGISTRY: registry,
        OCI_TLS: 'disabled',
        OCI_LOG: 'error',
        OCI_USERNAME: username,
        OCI_PASSWORD: password,
      },
      // It ends with 1 where it found anything.
      reject: false,
    });
    const { apis } = parse(await readFile(folder.file('results/results.yaml'), 'utf8')) as Pick<Conformance, 'apis'>;
    const complaints = [...printed.matchAll(/^ +- (.*)$/gm)].map(([, text = '']) =>
      text.replace(/ mismatch, expected .*/, ' mismatch').replace(/ Get "[^"]*"/, ''),
    );
    return { apis, complaints: [...new Set(complaints)].sort() };
  } finally {
    await folder.remove();
  }
}
