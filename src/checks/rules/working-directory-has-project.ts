import { posix } from 'node:path';
import { isBareImage } from '../../project/dockerfile/bare-image.js';
import type { Dockerfile } from '../../project/dockerfile/dockerfile.js';
import type { Rule, RuleFinding } from '../rule.js';

/** Kedro looks for its project where it starts, and mlflow.yml is baked into conf/ there. */
export const workingDirectoryHasProject: Rule = {
  id: 'working-directory-has-project',
  group: 'tracking',
  description: "The project is copied to the image's working directory",

  async check(context) {
    const { value: dockerfile } = await context.dockerfile();
    if (dockerfile === undefined || dockerfile.movesFiles) return [];
    return dockerfile.projectCopies.some(takesFolder) ? elsewhere(dockerfile) : notCopied(dockerfile);
  },
};

function elsewhere({ file, workdir, isWorkdirKnown, projectCopies, filesAt }: Dockerfile): RuleFinding[] {
  const whole = projectCopies.findLast(
    ({ sources, isUncertain }) => isUncertain !== true && sources.some((source) => /^\.?\/*$/.test(source)),
  );
  if (!isWorkdirKnown || whole === undefined) return [];
  if (filesAt(posix.join(workdir, 'conf')).includes('conf')) return [];
  return [
    {
      severity: 'error',
      message: `${file} copies the project to ${whole.destination}, but the container starts in ${workdir}, where Kedro cannot find it`,
      remedy: `end the Dockerfile with WORKDIR ${whole.destination}, or copy the project to ${workdir}`,
      place: { file, line: whole.line },
    },
  ];
}

/** An image of one's own may have the project already. */
function notCopied({ file, isTemplate, baseImage, mayContainProject, projectCopies }: Dockerfile): RuleFinding[] {
  if (isTemplate || mayContainProject || baseImage === undefined || !isBareImage(baseImage)) return [];
  const [first] = projectCopies.flatMap(({ sources }) => sources);
  return [
    {
      severity: 'error',
      message:
        first === undefined
          ? `${file} copies nothing of the project into the image, so Kedro cannot find it there`
          : `${file} copies ${first} and no folder of the project into the image, so Kedro cannot find the project there`,
      remedy: 'add the lines WORKDIR /app and COPY . . at the end, before CMD',
      place: { file },
    },
  ];
}

/** Whether a COPY may take more of the project than single files: a name without an ending is a folder. */
function takesFolder({ sources }: Dockerfile['projectCopies'][number]): boolean {
  return sources.some((source) => {
    const name = posix.basename(source);
    return !/.\.[a-z]+$/i.test(name) && !/^(?:README|LICEN[SC]E|Makefile|requirements)/i.test(name);
  });
}
