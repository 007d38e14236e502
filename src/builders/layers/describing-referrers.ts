import { formatVerdict, type Verdict } from '../../bake/verdict.js';
import type { Image } from '../../image/image.js';
import { OCI_LABELS } from '../../image/labels.js';
import type { Descriptor } from '../../image/manifest.js';
import type { DescribingReferrer } from '../../supply-chain/referrer.js';
import type { ShippedPackage } from '../../supply-chain/shipped-package.js';
import type { BuildValueOptions } from '../build-value.js';
import type { MadeImage } from './make-image.js';
import type { Artifact } from './resolve/locked-package.js';

/** What describes an image of the builder layers, which knows its packages: the SBOM and the provenance. */
export async function describingReferrers(
  { model, settings, env, kdeployVersion }: Pick<BuildValueOptions, 'model' | 'settings' | 'env' | 'kdeployVersion'>,
  made: MadeImage,
  image: Image,
): Promise<DescribingReferrer[]> {
  const [{ sbomOf }, { provenanceOf }, { sbomReferrer, provenanceReferrer }] = await Promise.all([
    import('../../supply-chain/sbom.js'),
    import('../../supply-chain/provenance.js'),
    import('../../supply-chain/referrer.js'),
  ]);
  const { labels } = image.config.value.run;
  const created = image.config.value.created ?? '';
  const { digest } = image.manifest;
  const name = settings.image.name ?? model.project.name;
  const base = { name: made.baseName, digest: made.base.image.manifest.digest };
  const packages = shippedPackages(made);
  const revision = labels[OCI_LABELS.revision];
  const { projectVersion } = model.project;
  const sbom = await sbomOf({
    image: { name, digest, created },
    ...{ base, packages, kdeployVersion },
    application: {
      name: model.project.name,
      ...(projectVersion !== undefined && { version: projectVersion }),
      ...(revision !== undefined && { revision }),
    },
  });
  const url = labels[OCI_LABELS.source];
  const commit = revision?.replace(/-dirty$/, '');
  const provenance = provenanceOf({
    image: { name, digest },
    parameters: { builder: 'layers', env, platform: settings.image.platform },
    choices: { python: made.facts.python.version, bytecode: made.packages.compiledBy.join(', ') || false },
    ...{ base, packages, kdeployVersion },
    ...(commit !== undefined && {
      source: { commit, isDirty: commit !== revision, ...(url !== undefined && { url }) },
    }),
  });
  const subject = subjectOf(image);
  return [sbomReferrer(sbom, subject, created), provenanceReferrer(provenance, subject, created)];
}

/** What spares other machines the self-test that an image passed. */
export async function verdictReferrer(verdict: Verdict, image: Image): Promise<DescribingReferrer> {
  const { selfTestReferrer } = await import('../../supply-chain/referrer.js');
  return selfTestReferrer(formatVerdict(verdict), subjectOf(image), image.config.value.created ?? '');
}

function subjectOf({ manifest: { mediaType, digest, bytes } }: Image): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

function shippedPackages({ packages, resolution }: MadeImage): ShippedPackage[] {
  const locked = new Map(resolution.packages.map((each) => [each.name, each.artifact]));
  return packages.wheels.map(({ name, version, filename, sha256 }): ShippedPackage => {
    const artifact = locked.get(name);
    const url = artifact === undefined ? undefined : urlOf(artifact);
    const isDirect = artifact !== undefined && (!('isDirect' in artifact) || artifact.isDirect);
    return { name, version, sha256, filename, ...(url !== undefined && { url }), isDirect };
  });
}

/** Of a repository with its commit, as purl-spec's `vcs_url` has it (SPDX): `git+https://git.example.com/a.git@0123…`. */
function urlOf(artifact: Artifact): string | undefined {
  if (artifact.kind === 'folder') return undefined;
  if (artifact.kind !== 'git') return artifact.url;
  return `${artifact.url.startsWith('git+') ? '' : 'git+'}${artifact.url}@${artifact.commit}`;
}
