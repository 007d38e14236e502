import type { Rule } from '../rule.js';

/** The other rules take a Dockerfile that cannot be read for one that installs nothing they know of. */
export const dockerfileReadable: Rule = {
  id: 'dockerfile-readable',
  group: 'project',
  description: 'The Dockerfile can be read, or kedro docker will create it',

  async check(context) {
    const { error, value } = await context.dockerfile();
    if (error !== undefined) {
      return [
        {
          severity: 'error',
          message: error.message,
          remedy: error.hint ?? 'fix the Dockerfile',
          ...(error.place === undefined ? {} : { place: error.place }),
        },
      ];
    }
    if (value.isTemplate || value.baseImage !== undefined || value.installs.length > 0) return [];
    const text = (await context.source.read(value.file))?.toString('utf8') ?? '';
    if (/^\s*FROM\s/im.test(text)) return [];
    return [
      {
        severity: 'error',
        message: `${value.file} has no FROM instruction: there is nothing to build from`,
        remedy: 'restore it, or delete it to let kedro docker create a new one',
        place: { file: value.file },
      },
    ];
  },
};
