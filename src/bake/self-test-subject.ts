import { createHash } from 'node:crypto';
import type { BakedFile } from '../image/bake-plan.js';
import { bakedMlflowYaml } from './mlflow-yaml.js';

/**
 * A digest of what a self-test's verdict rests on, apart from the image: the runtime, the types of authentication, and
 * mlflow.yml without the names in it. Two bakes of one image with the same one differ in addresses only, and the verdict
 * on the first holds for the second. The dist-info is left out, for it has kdeploy's version, which alone changes nothing.
 */
export async function selfTestSubject({
  document,
  authenticationTypes,
  runtime,
}: {
  readonly document: Readonly<Record<string, unknown>> | undefined;
  readonly authenticationTypes: readonly string[];
  readonly runtime: readonly BakedFile[];
}): Promise<string> {
  const tracking = document?.tracking;
  const isSection = typeof tracking === 'object' && tracking !== null;
  const nameless = isSection ? { ...document, tracking: { ...tracking, experiment: {}, run: {} } } : document;
  const hash = createHash('sha256')
    .update(await bakedMlflowYaml(nameless, ''))
    .update(JSON.stringify(authenticationTypes.toSorted()));
  const files = runtime.filter(({ path }) => !path.includes('.dist-info/')).toSorted(byPath);
  for (const { path, content } of files) hash.update(`\n${path} ${content.length}\n`).update(content);
  return `sha256:${hash.digest('hex')}`;
}

function byPath(one: BakedFile, other: BakedFile): number {
  return one.path < other.path ? -1 : 1;
}
