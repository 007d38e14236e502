import type { Rule } from '../rule.js';

/** Kedro looks for its project where it starts, and mlflow.yml is baked into conf/ there. */
export const workingDirectoryHasProject: Rule = {
  id: 'working-directory-has-project',
  group: 'tracking',
  description: "The project is copied to the image's working directory",

  async check(context) {
    const { value: dockerfile } = await context.dockerfile();
    if (dockerfile === undefined || !dockerfile.isWorkdirKnown || dockerfile.movesFiles) return [];
    const { file, workdir, projectCopies } = dockerfile;
    const whole = projectCopies.findLast(({ sources }) => sources.some((source) => /^\.?\/*$/.test(source)));
    if (whole === undefined) return [];
    if (dockerfile.filesAt(`${workdir === '/' ? '' : workdir}/conf`).includes('conf')) return [];
    return [
      {
        severity: 'error' as const,
        message: `${file} copies the project to ${whole.destination}, but the container starts in ${workdir}, where Kedro cannot find it`,
        remedy: `end the Dockerfile with WORKDIR ${whole.destination}, or copy the project to ${workdir}`,
        place: { file, line: whole.line },
      },
    ];
  },
};
