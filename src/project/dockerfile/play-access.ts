import { POETRY_ENVIRONMENTS, USER_BASE, type AccessStep } from './access-commands.js';
import { isRoot, nameOfUser, opensRootHome } from './root-home.js';
import type { Stage } from './stage.js';

interface RunPlace {
  readonly stage: Stage;
  readonly line: number;
  /** The text of the RUN. */
  readonly script: string;
  /** Absolute, in the image; `undefined` with a variable that is not known. */
  readonly inFolder: (path: string) => string | undefined;
}

/** What a command of a RUN changes about who can use what in the image. */
export function playAccess(step: AccessStep, { stage, line, script, inFolder }: RunPlace): void {
  switch (step.kind) {
    case 'make-user': {
      const name = stage.expand(step.name);
      if (name === undefined) return;
      const { mayReplaceUsers } = stage;
      const mayBeInRootGroup = step.mayBeInRootGroup || mayReplaceUsers;
      const uid = step.uid === undefined ? undefined : stage.expand(step.uid);
      const isOwner = /\bKEDRO_UID\b/.test(step.uid ?? '');
      stage.madeUsers.push({ line, name, uid, isOwner, mayBeInRootGroup, mayReplaceAnother: mayReplaceUsers });
      return;
    }
    case 'open-paths': {
      const user = nameOfUser(stage.user, stage.baseImage);
      // Nobody but root may.
      if (user !== undefined && !isRoot(user) && !/\bsudo\s/.test(script)) return;
      const { paths, isRecursive, to } = step;
      if (!paths.some((path) => opensRootHome(inFolder(path), isRecursive))) return;
      stage.openedTo.push(to.kind === 'owner' ? { ...to, name: stage.expand(to.name) ?? to.name } : to);
      return;
    }
    case 'make-group': {
      const [name, gid] = [stage.expand(step.name), stage.expand(step.gid)];
      if (!stage.mayReplaceUsers && name !== undefined && gid !== undefined) stage.madeGroups.push({ line, name, gid });
      return;
    }
    case 'place-packages': {
      if (step.onlyWith !== undefined && !/^(?:1|t|true|y|yes|on)$/i.test(stage.get(step.onlyWith) ?? '')) return;
      // A variable of this RUN alone.
      if (/\b(?:PYTHONUSERBASE|HOME)=/.test(script)) return;
      const path = step.path === USER_BASE ? userBase(stage) : step.path;
      if (path === undefined || (path === POETRY_ENVIRONMENTS && poetryPutsItElsewhere(stage, script))) return;
      const folder = inFolder(path);
      if (folder !== undefined) stage.placedPackages.push({ how: step.how, folder, line });
    }
  }
}

function userBase(stage: Stage): string | undefined {
  return stage.hasVariable('PYTHONUSERBASE') ? stage.get('PYTHONUSERBASE') : USER_BASE;
}

/** What Poetry reads, and `poetry config` writes, about its virtual environments (python-poetry.org/docs/configuration). */
function poetryPutsItElsewhere(stage: Stage, script: string): boolean {
  return (
    stage.configuresPoetry || script.includes('POETRY_') || POETRY_VARIABLES.some((name) => stage.hasVariable(name))
  );
}

const POETRY_VARIABLES = [
  'POETRY_VIRTUALENVS_CREATE',
  'POETRY_VIRTUALENVS_IN_PROJECT',
  'POETRY_VIRTUALENVS_PATH',
  'POETRY_CACHE_DIR',
  'POETRY_HOME',
  'XDG_CACHE_HOME',
  // One that is active is used as it is.
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
];
