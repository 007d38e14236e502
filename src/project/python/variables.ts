/** pip replaces `${NAME}`, and only this form, by the variable of the environment in which it runs. */
const VARIABLE = /\$\{[A-Z0-9_]+\}/g;

/** What is not set, or empty, stays as it is written (pip/_internal/req/req_file.py: expand_env_variables). */
export function expandVariables(text: string, variables: Readonly<Record<string, string | undefined>> = {}): string {
  return text.replace(VARIABLE, (written) => {
    const name = written.slice(2, -1);
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return value === undefined || value === '' ? written : value;
  });
}

export function hasVariable(text: string): boolean {
  return text.search(VARIABLE) >= 0;
}
