import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import { inFolderOf, replaceFile } from './guarded-file.js';
import { readPlainFile } from './plain-file.js';

/**
 * What kdeploy remembers between commands, outside of the project: the last build (for `kdeploy push`), self-test
 * verdicts, and on a newer Node the compiled program. `$KDEPLOY_STATE_FOLDER`, else `$XDG_STATE_HOME/kdeploy`, else `~/.local/state/kdeploy` (XDG base
 * directories). All of it can be deleted at any time; nothing in it is a secret.
 */
export class StateFolder {
  constructor(private readonly root: string) {}

  static ofUser(environment: NodeJS.ProcessEnv = process.env, home: string = homedir()): StateFolder {
    const own = environment.KDEPLOY_STATE_FOLDER;
    if (own !== undefined && own !== '') return new StateFolder(own);
    const state = environment.XDG_STATE_HOME;
    const base = state !== undefined && path.isAbsolute(state) ? state : path.join(home, '.local', 'state');
    return new StateFolder(path.join(base, 'kdeploy'));
  }

  /** The path of a folder of another tool's files in it, which that tool makes. */
  folder(name: string): string {
    return path.join(this.root, name);
  }

  /** A note kept under a name; `undefined` when there is none, or when it cannot be read as JSON. */
  async read(kind: string, name: string): Promise<unknown> {
    try {
      return JSON.parse((await readPlainFile(path.join(this.root, noteFile(kind, name)))).toString('utf8'));
    } catch {
      // A lost or damaged note costs one repeated self-test or one explicit image name, never a wrong result.
      return undefined;
    }
  }

  /** Replaces a note in one move, so that two commands at once never leave half of one. Throws KdeployError `configuration`. */
  async write(kind: string, name: string, note: object): Promise<void> {
    await replaceFile(this.root, noteFile(kind, name), JSON.stringify(note));
  }

  /** Takes a note away; one that is not there is gone already. Throws KdeployError `configuration`. */
  async remove(kind: string, name: string): Promise<void> {
    if ((await this.read(kind, name)) === undefined) return;
    await inFolderOf(this.root, noteFile(kind, name), (folder, file) => folder.remove(file));
  }
}

function noteFile(kind: string, name: string): string {
  return path.join(kind, `${createHash('sha256').update(name).digest('hex')}.json`);
}
