import type { Stage } from './stage.js';

/** The last stage of that name, which FROM, COPY --from and RUN --mount may mean; an image of the name otherwise. */
export function findStage(stages: readonly Stage[], name: string | undefined): Stage | undefined {
  if (name === undefined) return undefined;
  return stages.findLast((stage) => stage.name === name.toLowerCase());
}
