/** Where in the project something stands. `file` is relative to the project, with forward slashes; `line` starts at 1. */
export interface Place {
  readonly file: string;
  /**
   * @asType integer
   * @minimum 1
   */
  readonly line?: number;
}
