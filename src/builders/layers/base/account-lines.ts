/** The fields of each line of etc/passwd and its like. */
export function linesOf(content: string): string[][] {
  return content.split('\n').flatMap((line) => (line === '' ? [] : [line.split(':')]));
}

/** The third field of each line: user or group IDs. */
export function idsIn(content: string): number[] {
  return linesOf(content).flatMap(([, , id = '']) => (/^\d+$/.test(id) ? [Number(id)] : []));
}

/** With one more line; the last one may lack its end. */
export function appended(content: string, line: string): string {
  return `${content}${content === '' || content.endsWith('\n') ? '' : '\n'}${line}\n`;
}

/** The lines of etc/subuid or etc/subgid as useradd leaves them when it adds one: by start, then by length. */
export function sortedByRange(content: string): string {
  const numbers = (line: string) => line.split(':').slice(1).map(Number);
  const sorted = content
    .split('\n')
    .filter((line) => line !== '')
    .toSorted((one, other) => {
      const [[start = 0, count = 0], [otherStart = 0, otherCount = 0]] = [numbers(one), numbers(other)];
      return start - otherStart || count - otherCount;
    });
  return sorted.map((line) => `${line}\n`).join('');
}
