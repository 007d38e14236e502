/** Types for the tests; the file itself runs before anything is installed. */
export class Lane {
  constructor(folder?: string);
  readonly isEnding: boolean;
  processId(): number | undefined;
  print(text: unknown): void;
  printed(): Buffer;
  run(
    command: string,
    commandArguments: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<number>;
  capture(command: string, commandArguments: readonly string[]): Promise<{ status: number; stdout: string }>;
  interrupt(): void;
  end(): void;
}
