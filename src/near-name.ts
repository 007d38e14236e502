/**
 * The name that was probably meant, one slip away: `data-science` for `data_science`, `trian` for `train`, `imge` for
 * `image`. Of several, one that only mixes up case or the sign between words comes first, then one with two letters
 * swapped.
 */
export function nearName(word: string, names: readonly string[]): string | undefined {
  const folded = fold(word);
  return (
    names.find((name) => fold(name) === folded) ??
    names.find((name) => isSwapped(word, name)) ??
    (word === '' ? undefined : names.find((name) => name !== '' && isOneEditApart(word, name)))
  );
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.\s]/g, '');
}

/** `tga` for `tag`: the commonest slip. */
function isSwapped(word: string, name: string): boolean {
  const at = firstDifference(word, name);
  return word.slice(0, at) + word.slice(at + 1, at + 2) + word.slice(at, at + 1) + word.slice(at + 2) === name;
}

/** One letter too many, too few, or another. */
function isOneEditApart(word: string, name: string): boolean {
  const at = firstDifference(word, name);
  const [rest, others] = [word.slice(at), name.slice(at)];
  return rest.slice(1) === others || rest === others.slice(1) || rest.slice(1) === others.slice(1);
}

function firstDifference(word: string, name: string): number {
  let at = 0;
  while (at < Math.min(word.length, name.length) && word[at] === name[at]) at++;
  return at;
}
