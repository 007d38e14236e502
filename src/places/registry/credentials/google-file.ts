import { homedir } from 'node:os';
import path from 'node:path';
import { KdeployError, systemCodeOf } from '../../../errors.js';
import { readPlainFile } from '../../../plain-file.js';

export const GOOGLE_FILE_VARIABLE = 'GOOGLE_APPLICATION_CREDENTIALS';

/** What to do about a file, which depends on who chose it. */
interface Hints {
  readonly unreadable: string;
  readonly broken: string;
}

const LOG_IN_AGAIN = 'run `gcloud auth application-default login` again';

/** A file with Google credentials; whose, its `type` says. */
export interface GoogleFile {
  readonly path: string;
  /** As the subject of a sentence: `the Google credentials file key.json (named by GOOGLE_APPLICATION_CREDENTIALS)`. */
  readonly which: string;
  readonly info: Readonly<Record<string, unknown>>;
}

/**
 * The file that Google's own libraries would use; `undefined`: they ask the machine's metadata server. Throws
 * KdeployError `credentials` for one that cannot be read, which quotes nothing of it.
 */
export async function findGoogleFile(environment: NodeJS.ProcessEnv): Promise<GoogleFile | undefined> {
  const named = environment[GOOGLE_FILE_VARIABLE] ?? '';
  if (named !== '') {
    return read(named, `named by ${GOOGLE_FILE_VARIABLE}`, {
      unreadable: `correct the path in ${GOOGLE_FILE_VARIABLE}, or unset it`,
      broken: 'use the file exactly as Google issued it',
    });
  }
  const left = path.join(gcloudFolder(environment), 'application_default_credentials.json');
  return read(left, 'left by gcloud', { unreadable: LOG_IN_AGAIN, broken: LOG_IN_AGAIN }).catch((error: unknown) => {
    if (error instanceof KdeployError && systemCodeOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  });
}

function gcloudFolder(environment: NodeJS.ProcessEnv): string {
  const { CLOUDSDK_CONFIG: folder = '', APPDATA: roaming = '' } = environment;
  if (folder !== '') return folder;
  if (process.platform === 'win32' && roaming !== '') return path.join(roaming, 'gcloud');
  return path.join(environment.HOME ?? homedir(), '.config', 'gcloud');
}

async function read(file: string, why: string, hints: Hints): Promise<GoogleFile> {
  const which = `the Google credentials file ${file} (${why})`;
  let text: string;
  try {
    text = (await readPlainFile(file)).toString('utf8');
  } catch (error) {
    const words = /^\w+: ([^,]+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? 'unknown reason';
    throw new KdeployError('credentials', `${which} cannot be read: ${words}`, {
      cause: error,
      hint: hints.unreadable,
    });
  }
  return { path: file, which, info: parse(text, which, hints.broken) };
}

function parse(text: string, which: string, hint: string): Readonly<Record<string, unknown>> {
  let info: unknown;
  try {
    info = JSON.parse(text);
  } catch {
    // Not as a cause: the parser quotes what it cannot read, and that may be the key.
    throw new KdeployError('credentials', `${which} is not valid JSON`, { hint });
  }
  return typeof info === 'object' && info !== null && !Array.isArray(info) ? (info as Record<string, unknown>) : {};
}
