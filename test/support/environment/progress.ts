let write = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Sends progress lines elsewhere: the keeper process hands them to the one that waits for it. */
export function redirectProgress(writer: (line: string) => void): void {
  write = writer;
}

export function report(line: string): void {
  write(line);
}

/** Runs one part of the set-up and reports how long it took: "base image: made in 27 s". */
export async function timed<T>(part: string, verb: string, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await work();
  report(`${part}: ${verb} in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return result;
}
