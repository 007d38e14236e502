import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import {
  groupOfBareImage,
  isBareImage,
  userOfBareImage,
  USERS_OF_BARE_IMAGES,
} from '../../project/dockerfile/bare-image.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Docker looks at USER only when something runs, so these defects show during the build or after it. */
export const dockerfileUser: Rule = {
  id: 'dockerfile-user',
  group: 'project',
  description: 'The USER of the Dockerfile exists and can read the installed packages',

  async check(context): Promise<RuleFinding[]> {
    const { value: dockerfile } = await context.dockerfile();
    if (dockerfile === undefined) return [];
    return [...missingUser(dockerfile), ...takenUser(dockerfile), ...unreadable(dockerfile)];
  },
};

function missingUser({ file, user, baseImage, makesUsers }: Dockerfile): RuleFinding[] {
  const name = nameOf(user);
  if (name === undefined || /^\d+$/.test(name) || USERS_OF_BARE_IMAGES.has(name)) return [];
  if (makesUsers || baseImage === undefined || !isBareImage(baseImage)) return [];
  return [
    {
      severity: 'error',
      message: `${file} sets USER ${name}, but no such user exists: ${baseImage} does not have it and no instruction creates it`,
      remedy: `add this line before USER: RUN useradd --create-home ${name}`,
      place: { file },
    },
  ];
}

/** The build installs everything, and then useradd fails: "UID 33 is not unique". */
function takenUser({ file, isTemplate, baseImage, madeUsers, madeGroups }: Dockerfile): RuleFinding[] {
  if (baseImage === undefined) return [];
  const users = madeUsers.flatMap(({ name, uid, line, isOwner, mayReplaceAnother }): RuleFinding[] => {
    if (mayReplaceAnother) return [];
    const other = uid === undefined ? undefined : userOfBareImage(baseImage, uid);
    if (other === undefined && userOfBareImage(baseImage, name) === undefined) return [];
    return [
      {
        severity: 'error',
        message:
          other === undefined
            ? `${file} creates the user ${name}, which ${baseImage} already has, so the build fails`
            : `${file} creates the user ${name} with the ID ${uid ?? ''}, which ${baseImage} has given to the user ${other}, so the build fails`,
        remedy:
          other === undefined
            ? 'use another name, or leave the instruction out'
            : isOwner
              ? 'pass the ID of another user: --uid 999 (build.uid in kdeploy.yml)'
              : `use another ID, or remove that user first: RUN userdel ${other}`,
        place: isTemplate ? { file } : { file, line },
      },
    ];
  });
  const groups = madeGroups.flatMap(({ name, gid, line }): RuleFinding[] => {
    const other = groupOfBareImage(baseImage, gid);
    if (other === undefined) return [];
    return [
      {
        severity: 'error',
        message: `${file} creates the group ${name} with the ID ${gid}, which ${baseImage} has given to the group ${other}, so the build fails`,
        remedy: 'use another ID, or add --force, with which groupadd takes a free one',
        place: { file, line },
      },
    ];
  });
  return [...users, ...groups];
}

/** The home of root is closed to everybody else. */
function unreadable({ file, user, workdir, isWorkdirClosed, closedPackages }: Dockerfile): RuleFinding[] {
  const name = nameOf(user) ?? '';
  const [packages] = closedPackages;
  const findings: RuleFinding[] = [];
  if (packages !== undefined) {
    const { how, folder, place } = packages;
    const what = {
      'pip install --user': `runs pip install --user as root: it installs into ${folder}`,
      'virtual environment': `creates a virtual environment in ${folder}`,
      packages: `installs packages into ${folder}`,
    }[how];
    findings.push({
      severity: 'warning',
      message: `${file} ${what}, which USER ${name} cannot read`,
      remedy:
        how === 'pip install --user'
          ? 'install without --user, or into a virtual environment that every user can read'
          : 'use a folder that every user can read, such as /opt/venv',
      place,
    });
  }
  if (isWorkdirClosed) {
    findings.push({
      severity: 'warning',
      message: `${file} starts the container in ${workdir}, which USER ${name} cannot read`,
      remedy: 'use a WORKDIR outside of /root, such as /app, and copy the project there',
      place: { file },
    });
  }
  return findings;
}

/** `app:app` is the user app; one with a variable is not known. */
function nameOf(user: string | undefined): string | undefined {
  const [name = ''] = user?.split(':') ?? [];
  return name === '' || name.includes('$') ? undefined : name;
}
