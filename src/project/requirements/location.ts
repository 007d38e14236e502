/** A requirement that names a place instead of a package: pip allows paths, archives and version control URLs. */
export type Location =
  | { readonly kind: 'project'; readonly extras: readonly string[] }
  | { readonly kind: 'folder' | 'archive' | 'repository'; readonly requirement?: string };

const URL_OR_ARCHIVE = /^[a-z][a-z0-9+.-]*:|\.(?:whl|zip|tar\.gz|tgz|tar\.bz2)$/i;

/** `undefined` for text that is not a place. `-e` and `--editable` are already taken off. */
export function readLocation(text: string): Location | undefined {
  const [place, extras] = splitExtras(text.trim());
  if (/^\.\/*$/.test(place)) return { kind: 'project', extras };
  // `#egg=kedro-mlflow` is how version control URLs carried a name before PEP 508.
  const egg = /[#&]egg=([A-Za-z0-9._-]+(?:\[[^\]]*\])?)/.exec(text)?.[1];
  if (/^(?:git|hg|svn|bzr)\+/i.test(place)) return { kind: 'repository', ...named(egg) };
  if (URL_OR_ARCHIVE.test(place.replace(/[?#].*$/, '')))
    return { kind: 'archive', ...named(egg ?? nameOfWheel(place)) };
  if (/^[.~]?\.?[/\\]/.test(place) || place === '..' || /^[A-Za-z]:[\\/]/.test(place))
    return { kind: 'folder', ...named(egg) };
  return undefined;
}

function splitExtras(text: string): [place: string, extras: string[]] {
  const match = /^(.*?)\[([A-Za-z0-9._,\s-]*)\]$/s.exec(text);
  if (match === null) return [text, []];
  return [
    match[1] ?? '',
    (match[2] ?? '')
      .split(',')
      .map((extra) => extra.trim())
      .filter((extra) => extra !== ''),
  ];
}

/** `kedro_mlflow-2.0.3-py3-none-any.whl` → `kedro_mlflow==2.0.3` (the wheel file name convention). */
function nameOfWheel(place: string): string | undefined {
  const match = /([A-Za-z0-9._]+)-([A-Za-z0-9._+!]+)(?:-\d[^-/]*)?-[^-/]+-[^-/]+-[^-/]+\.whl(?:[?#].*)?$/.exec(place);
  return match?.[1] === undefined ? undefined : `${match[1]}==${match[2] ?? ''}`;
}

function named(requirement: string | undefined): { requirement?: string } {
  return requirement === undefined ? {} : { requirement };
}
