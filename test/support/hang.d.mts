/** Types for the tests; the file itself runs before anything is installed. */
export function watchForHang(options: {
  readonly cpuMinutes: number;
  readonly processId: () => number | undefined;
  readonly stop: (reason: string) => void;
}): () => void;
export function hangJudge(cpuMinutes: number, begin?: number): (now: number, cpu: number) => string | undefined;
export function processTree(root: number): { readonly pids: readonly number[]; readonly cpuSeconds: number };
