import type { Rule } from '../rule.js';

/** The other rules take a Dockerfile that cannot be read for one that installs nothing they know of. */
export const dockerfileReadable: Rule = {
  id: 'dockerfile-readable',
  group: 'project',
  description: 'The Dockerfile exists, or kedro docker will write it, and can be read',

  async check(context) {
    const { error, value } = await context.dockerfile();
    if (error !== undefined) {
      return [
        {
          severity: 'error',
          message: error.message,
          remedy: error.hint ?? 'mend the Dockerfile',
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
        message: `${value.file} has no FROM instruction, so there is nothing to build from`,
        remedy: 'delete it to have kedro docker write a new one, or restore it',
        place: { file: value.file },
      },
    ];
  },
};
