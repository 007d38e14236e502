/** The name that was probably meant: `data-science` for `data_science`, `trian` for `train`. */
export function nearName(word: string, names: readonly string[]): string | undefined {
  return names.find((name) => fold(name) === fold(word)) ?? names.find((name) => isOneEditApart(name, word));
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.\s]/g, '');
}

/** One letter too many, too few, another, or two of them swapped. */
function isOneEditApart(a: string, b: string): boolean {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA.slice(0, 2) === `${restB.slice(1, 2)}${restB.slice(0, 1)}`)
  );
}
