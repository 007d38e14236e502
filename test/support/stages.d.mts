/** Types for the tests; the file itself runs before anything is installed. */
export type Stage = readonly [name: string, work: () => Promise<number>, cpuMinutes: number, needed?: string];
export function runStages(
  stages: readonly Stage[],
  options: {
    readonly processId: () => number | undefined;
    readonly interrupt: () => void;
    readonly print?: (text: unknown) => void;
  },
): Promise<ReadonlyMap<string, number>>;
