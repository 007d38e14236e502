import { chooseBuilder } from '../builders/choose-builder.js';
import { KdeployError } from '../errors.js';
import type { DoctorContext } from './probe.js';

/** Whether a build of the project would be made by the builder layers: it needs uv, and no Docker. */
export async function usesLayers({ project }: DoctorContext, answersEngine: () => Promise<boolean>): Promise<boolean> {
  if (project === undefined) return false;
  const { settings } = project;
  try {
    return (await chooseBuilder(settings, project.project.source, answersEngine)).builder === 'layers';
  } catch (error) {
    // A Dockerfile that the builder refuses, which is for the build to say.
    if (error instanceof KdeployError) return settings.image.builder === 'layers';
    throw error;
  }
}
