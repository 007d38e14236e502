/** What a file is and what it shall be. */
export interface FileChange {
  /** Relative to the project, with forward slashes. */
  readonly file: string;
  /** `undefined`: there is no such file yet. */
  readonly before: Buffer | undefined;
  readonly after: Buffer;
}
