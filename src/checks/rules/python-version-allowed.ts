import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import { parsePyProject, textAt } from '../../project/python/pyproject.js';
import type { CheckContext } from '../context.js';
import type { Rule, RuleFinding } from '../rule.js';

/** pip finds it out at the end of a build, and Kedro not at all. */
export const pythonVersionAllowed: Rule = {
  id: 'python-version-allowed',
  group: 'project',
  description: 'pyproject.toml allows the Python version of the base image',

  async check(context): Promise<RuleFinding[]> {
    const { value: dockerfile } = await context.dockerfile();
    const { pythonVersion } = dockerfile ?? {};
    if (dockerfile === undefined || pythonVersion === undefined) return [];
    const wanted = await wantedPython(context);
    if (wanted === undefined || (await mayAllow(wanted.specifiers, pythonVersion))) return [];
    return [
      {
        severity: isEnforced(dockerfile) ? 'error' : 'warning',
        message: `${dockerfile.baseImage ?? 'the base image'} has Python ${pythonVersion}, but pyproject.toml allows ${wanted.text}`,
        remedy: `choose another base image${dockerfile.isTemplate ? ' (image.base in kdeploy.yml)' : ` in ${dockerfile.file}`}, or widen ${wanted.key} in pyproject.toml`,
        place: wanted.place,
      },
    ];
  },
};

/** pip and Poetry refuse the project then; `pip install -r` does not look, and uv fetches a Python of its own. */
function isEnforced({ installs }: Dockerfile): boolean {
  return installs.some(
    (install) => install.kind === 'project' || (install.kind === 'lock-file' && install.tool === 'poetry'),
  );
}

interface WantedPython {
  readonly text: string;
  readonly key: string;
  /** One of them must be met. */
  readonly specifiers: readonly string[];
  readonly place: { readonly file: string; readonly line?: number };
}

async function wantedPython({ source }: CheckContext): Promise<WantedPython | undefined> {
  const bytes = await source.read('pyproject.toml');
  // One that is not TOML is reported where the project is found.
  const pyproject = bytes === undefined ? undefined : await parsePyProject(bytes).catch(() => undefined);
  if (pyproject === undefined) return undefined;
  const standard = textAt(pyproject.table, 'project', 'requires-python');
  if (standard !== undefined)
    return { text: standard, key: 'requires-python', specifiers: [standard], place: pyproject.placeOf(standard) };
  const poetry = textAt(pyproject.table, 'tool', 'poetry', 'dependencies', 'python');
  if (poetry === undefined) return undefined;
  return { text: poetry, key: 'python', specifiers: await poetrySpecifiers(poetry), place: pyproject.placeOf(poetry) };
}

/** Poetry's own operators as those of PEP 440: `^3.9` is `>=3.9,<4`, `~3.9` is `>=3.9,<3.10`. */
async function poetrySpecifiers(constraint: string): Promise<string[]> {
  const { afterRelease } = await import('../../project/python/pep440.js');
  return constraint.split('||').map((alternative) =>
    alternative
      .trim()
      .replace(/\s*,\s*|\s+(?=[<>=!~^])/g, ',')
      .replace(
        /\^\s*(\d+)([\d.]*)/g,
        (_, major: string, rest: string) => `>=${major}${rest},<${afterRelease([major], 0)}`,
      )
      .replace(
        /~(?!=)\s*(\d+)\.(\d+)([\d.]*)/g,
        (_, major: string, minor: string, rest: string) =>
          `>=${major}.${minor}${rest},<${afterRelease([major, minor], 1)}`,
      ),
  );
}

/** `3.11` means every 3.11.x, so only one that no patch version meets is out. */
async function mayAllow(specifiers: readonly string[], version: string): Promise<boolean> {
  const { isSpecifier, satisfies } = await import('../../project/python/pep440.js');
  if (!specifiers.every((specifier) => isSpecifier(specifier))) return true;
  const isExact = version.split('.').length > 2;
  const candidates = isExact ? [version] : Array.from({ length: 41 }, (_, patch) => `${version}.${patch}`);
  return specifiers.some((specifier) => candidates.some((candidate) => satisfies(candidate, specifier)));
}
