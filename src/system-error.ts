import { KdeployError, messageOf } from './errors.js';

/** Ours, or what the file system refused as one of ours; `undefined` for what nobody expected: a defect. */
export function knownError(error: unknown): KdeployError | undefined {
  return error instanceof KdeployError ? error : fileProblem(error);
}

interface Explanation {
  readonly reason: string;
  readonly hint: string;
}

const PERMISSIONS = 'check its permissions and those of its folder, or run kdeploy as a user who has them';

/** What the file system says, by its codes. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  EACCES: { reason: 'permission denied', hint: PERMISSIONS },
  EPERM: { reason: 'the operation is not permitted', hint: PERMISSIONS },
  EROFS: { reason: 'the file system is read-only', hint: 'choose a place that can be written to' },
  ENOSPC: { reason: 'the disk is full', hint: 'free some space, and try again' },
  EDQUOT: { reason: 'the disk quota is used up', hint: 'free some space, and try again' },
  EFBIG: { reason: 'the file would be too large', hint: 'raise the limit (ulimit -f), and try again' },
  E2BIG: { reason: 'it is too large', hint: 'name the right file' },
  EIO: { reason: 'the disk reports an error', hint: 'check the disk' },
  ENOENT: { reason: 'it, or a folder on the way to it, does not exist', hint: 'create it, or correct the path' },
  ENOTDIR: {
    reason: 'a file is where a folder is expected',
    hint: 'correct the path, or move the file out of the way',
  },
  EISDIR: { reason: 'it is a folder', hint: 'name a file, or move the folder out of the way' },
  EEXIST: { reason: 'it already exists', hint: 'move it out of the way' },
  ENOTEMPTY: { reason: 'the folder is not empty', hint: 'move it out of the way' },
  ELOOP: { reason: 'its links lead in a circle', hint: 'replace the link with a file' },
  ENAMETOOLONG: { reason: 'its name is too long', hint: 'choose a shorter name or folder' },
  EMFILE: { reason: 'too many files are open', hint: 'raise the limit (ulimit -n), and try again' },
  ENFILE: { reason: 'too many files are open on this machine', hint: 'end what keeps them open, and try again' },
  ENOMEM: { reason: 'there is not enough memory', hint: 'end other programs, and try again' },
  EBUSY: { reason: 'it is in use', hint: 'end what uses it, and try again' },
  ETXTBSY: { reason: 'it is a program that is running', hint: 'end it, and try again' },
  EXDEV: { reason: 'it is on another file system', hint: 'choose a place on the same one' },
  ENXIO: { reason: 'it is not an ordinary file', hint: 'replace it with a file' },
  ENODEV: { reason: 'it is not an ordinary file', hint: 'replace it with a file' },
  ESTALE: { reason: 'the network file system has lost it', hint: 'mount it again' },
};

/** What was being done, by the system calls that Node names. Not those of sockets and processes. */
const ACTIONS: Readonly<Record<string, string>> = {
  ...named('read', 'read', 'readlink', 'realpath', 'scandir', 'opendir', 'stat', 'lstat', 'fstat', 'access'),
  ...named('opened', 'open', 'close'),
  ...named('written', 'write', 'writev', 'fsync', 'ftruncate', 'copyfile', 'link', 'symlink'),
  ...named('created', 'mkdir', 'mkdtemp'),
  ...named('replaced', 'rename'),
  ...named('removed', 'unlink', 'rm', 'rmdir'),
  ...named('changed', 'chmod', 'fchmod', 'chown', 'fchown', 'utime', 'futime'),
};

function named(action: string, ...calls: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(calls.map((call) => [call, action]));
}

/**
 * What the file system refused, as a sentence; `undefined` for any other error. `file` is how the user knows what it was
 * about, where that is not the path that was given to the system.
 */
export function fileProblem(error: unknown, file?: string, action?: string): KdeployError | undefined {
  if (!(error instanceof Error) || error instanceof KdeployError) return undefined;
  const { code = '', syscall = '', path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const done = Object.hasOwn(ACTIONS, syscall) ? ACTIONS[syscall] : undefined;
  if (done === undefined) return undefined;
  const { reason, hint } = (Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code] : undefined) ?? {
    reason: messageOf(error),
    hint: 'check the file and its folder, and try again',
  };
  const what = file ?? dest ?? path ?? 'a file';
  return new KdeployError('configuration', `${what} cannot be ${action ?? done}: ${reason}`, { cause: error, hint });
}
