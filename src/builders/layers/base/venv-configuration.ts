/** What `pyvenv.cfg` of a virtual environment says (PEP 405). */
export interface VenvConfiguration {
  /** The folder of the interpreter that it was made with. */
  readonly home: string | undefined;
  readonly hasSystemPackages: boolean;
}

export function parseVenvConfiguration(text: string): VenvConfiguration {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const [, key, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key.toLowerCase(), value] as const];
    }),
  );
  const home = values.get('home');
  return {
    home: home?.startsWith('/') === true ? home : undefined,
    // Python's site.py compares it without regard to case.
    hasSystemPackages: values.get('include-system-site-packages')?.toLowerCase() === 'true',
  };
}
