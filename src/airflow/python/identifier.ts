const KEYWORDS = new Set(
  (
    'False None True and as assert async await break case class continue def del elif else except finally for from global if ' +
    'import in is lambda match nonlocal not or pass raise return try type while with yield'
  ).split(' '),
);

/** Names for variables, one for each text: `load-x` → `load_x`. `taken` are those that the file uses already. */
export function identifiers(texts: readonly string[], taken: Iterable<string> = []): ReadonlyMap<string, string> {
  const used = new Set([...KEYWORDS, ...taken]);
  const names = new Map<string, string>();
  for (const text of texts) {
    const plain = text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
    const base = /^[A-Za-z]/.test(plain) ? plain : `task_${plain}`.replace(/_$/, '');
    let name = base;
    for (let number = 2; used.has(name); number += 1) name = `${base}_${number}`;
    used.add(name);
    names.set(text, name);
  }
  return names;
}
