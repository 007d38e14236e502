/** kedro-mlflow's, where settings.py gives none (kedro_mlflow/framework/hooks/mlflow_hook.py, after_context_created). */
export const MLFLOW_PATTERNS: readonly string[] = ['mlflow*', 'mlflow*/**', '**/mlflow*'];

/** OmegaConfigLoader's own (kedro/config/omegaconf_config.py). */
export const GLOBALS_PATTERNS: readonly string[] = ['globals.yml'];
export const CATALOG_PATTERNS: readonly string[] = ['catalog*', 'catalog*/**', '**/catalog*'];

/**
 * The files of an environment's folder that Kedro would load for some patterns: visible, and with an ending it reads.
 * `files` are paths below the project, all of them below `folder`.
 */
export function matchingFiles(folder: string, files: readonly string[], patterns: readonly string[]): string[] {
  const tests = patterns.map(patternTest);
  return files.filter((file) => {
    const path = file.slice(folder.length + 1);
    if (!/[^/]\.(?:ya?ml|json)$/.test(path) || path.split('/').some((part) => part.startsWith('.'))) return false;
    return tests.some((test) => test?.test(path) === true);
  });
}

/**
 * A name for a new file of one kind that the patterns find: `mlflow.yml`, or `tracking.yml` where settings.py asks for
 * `tracking*`.
 */
export function matchingName(patterns: readonly string[], kind: string): string {
  const names = patterns.map((pattern) =>
    pattern
      .replace(/^(?:\*\*\/)+/, '')
      .replaceAll('*', '')
      .replaceAll('?', '_'),
  );
  const candidates = [`${kind}.yml`, ...names.flatMap((name) => [name, `${name}.yml`, `${name}${kind}.yml`])];
  return candidates.find((name) => matchingFiles('', [`/${name}`], patterns).length > 0) ?? `${kind}.yml`;
}

/** Whether a pattern means here what it means to Kedro; brackets, and `**` beside other characters, are left to it. */
export function isPlainPattern(pattern: string): boolean {
  return patternTest(pattern) !== undefined;
}

/** fsspec's glob (fsspec/utils.py, glob_translate): `*` within a folder, `**` across folders. */
function patternTest(pattern: string): RegExp | undefined {
  const parts = pattern.split('/');
  if (!parts.every((part) => part === '**' || /^(?!\.\.?$)(?!.*\*\*)[\w.*?-]+$/.test(part))) return undefined;
  const last = parts.length - 1;
  const source = parts.map((part, index) => {
    if (part === '**') return index < last ? '(?:.+/)?' : '.*';
    const name = part === '*' ? '[^/]+' : part.replaceAll('.', '\\.').replaceAll('*', '[^/]*').replaceAll('?', '[^/]');
    return index < last ? `${name}/` : name;
  });
  return new RegExp(`^${source.join('')}$`, 's');
}
