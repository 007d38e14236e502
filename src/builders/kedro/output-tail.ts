/** How many lines of a failed tool are shown with its error: enough to see pip's or Docker's reason. */
const KEPT_LINES = 20;

/** Keeps the last lines of a tool's output for its error, with the values of secrets taken out. */
export class OutputTail {
  private kept: string[] = [];

  private readonly secrets: readonly string[];

  constructor(secrets: readonly string[] = []) {
    // Line by line, as they would be printed; the longest first, so that one which contains another is not left half shown.
    const parts = secrets.flatMap((secret) => secret.split(/[\r\n]+/)).filter((part) => part !== '');
    this.secrets = parts.sort((a, b) => b.length - a.length);
  }

  /** A tool's words as they may be shown. */
  shown(text: string): string {
    return this.secrets.reduce((clean, secret) => clean.replaceAll(secret, '***'), stripControl(text));
  }

  /** Takes one line and gives it back as it may be shown. */
  add(line: string): string {
    const shown = this.shown(line);
    if (shown.trim() !== '') this.kept = [...this.kept, shown].slice(-KEPT_LINES);
    return shown;
  }

  get lines(): readonly string[] {
    return this.kept;
  }
}

/** Colours and cursor movements of a child have no place in our output or in a CI log. */
function stripControl(line: string): string {
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  return line.replace(/\u001B\[[0-9;?]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, '');
}
