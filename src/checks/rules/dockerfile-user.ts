import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import { isBareImage, USERS_OF_BARE_IMAGES } from '../../project/dockerfile/bare-image.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Docker looks at USER only when something runs, so both defects show after the build. */
export const dockerfileUser: Rule = {
  id: 'dockerfile-user',
  group: 'project',
  description: 'The USER of the Dockerfile exists and can read the installed packages',

  async check(context): Promise<RuleFinding[]> {
    const { value: dockerfile } = await context.dockerfile();
    if (dockerfile === undefined || dockerfile.isTemplate) return [];
    return [...missingUser(dockerfile), ...unreadablePackages(dockerfile)];
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

/** `pip install --user` as root fills /root/.local, which is closed to everybody else. */
function unreadablePackages({ file, user, baseImage, userInstalls }: Dockerfile): RuleFinding[] {
  const name = nameOf(user);
  if (name === undefined || isRoot(name)) return [];
  const [install] = userInstalls.filter(
    ({ user: installer, isMoved }) =>
      !isMoved &&
      // Without a USER line the base image decides, and the bare ones have root.
      (installer === undefined ? baseImage !== undefined && isBareImage(baseImage) : isRoot(nameOf(installer) ?? '')),
  );
  if (install === undefined) return [];
  return [
    {
      severity: 'warning',
      message: `${file} runs pip install --user as root: it installs into /root/.local, which USER ${name} cannot read`,
      remedy: 'install without --user, or into a virtual environment that every user can read',
      place: install.place,
    },
  ];
}

/** `app:app` is the user app. */
function nameOf(user: string | undefined): string | undefined {
  const [name] = user?.split(':') ?? [];
  return name === '' ? undefined : name;
}

function isRoot(name: string): boolean {
  return name === 'root' || name === '0';
}
