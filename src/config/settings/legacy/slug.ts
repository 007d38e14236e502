/** Latin letters that Unicode does not decompose, as Unidecode spells them (verified against python-slugify in the tests). */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ŋ: 'ng',
  ŧ: 't',
};

const PUNCTUATION: Readonly<Record<string, string>> = { '‘': "'", '’': "'", '“': '"', '”': '"', '–': '-', '—': '-' };

/**
 * A name as kedro-airflow-k8s made an experiment of it: `slugify` of python-slugify, with its defaults.
 * `undefined` for scripts whose transliteration is not known here: only ASCII and Latin letters are.
 */
export function pluginSlug(name: string): string | undefined {
  const lowered = name.replaceAll(/'+/g, '-').normalize('NFC').toLowerCase();
  const ascii = lowered.replaceAll(
    /[^\0-\x7f]/gu,
    (letter) => LETTERS[letter] ?? PUNCTUATION[letter] ?? letter.normalize('NFKD').replaceAll(/\p{M}/gu, ''),
  );
  if (/[^\0-\x7f]/.test(ascii) || /&(?:\w+|#\w+);/.test(ascii)) return undefined;
  return ascii
    .replaceAll(/'+/g, '')
    .replaceAll(/(?<=\d),(?=\d)/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}
