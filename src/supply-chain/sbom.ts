import type { Component } from '@cyclonedx/cyclonedx-library/Models';
import { createHash } from 'node:crypto';
import type { Digest } from '../image/digest.js';
import { imageUrl, packageUrl } from './package-url.js';
import { downloadUrl } from './public-url.js';
import { inOrder, type ShippedPackage } from './shipped-package.js';

export interface SbomInput {
  readonly image: {
    /** `registry.example.com/team/app`. */
    readonly name: string;
    readonly digest: Digest;
    /** RFC 3339. */
    readonly created: string;
  };
  /** What the image is built on. */
  readonly base: { readonly name: string; readonly digest: Digest } | undefined;
  readonly packages: readonly ShippedPackage[];
  /** The project. */
  readonly application: { readonly name: string; readonly version?: string; readonly revision?: string };
  readonly kdeployVersion: string;
}

/**
 * What an image consists of, as a CycloneDX 1.6 document: the project, its packages, and the base image by its digest, of
 * which the packages are not listed. The same input gives the same bytes everywhere: the library would sort by the rules of
 * the user's language and call components by random names, so they come sorted, and each with a name of its own.
 */
export async function sbomOf({ image, base, packages, application, kdeployVersion }: SbomInput): Promise<Buffer> {
  const library = await loadLibrary();
  const { ComponentType, LifecyclePhase, Models, Serialize, Spec1dot6 } = library;
  const ordered = inOrder(packages);
  const wheels = ordered.map((each) => packageComponent(each, library));
  const { name, version, revision } = application;
  const project = new Models.Component(ComponentType.Application, name, {
    // One of the packages may have the project's name.
    bomRef: `application:${name}`,
    ...(version !== undefined && { version }),
    dependencies: new Models.BomRefRepository(wheels.map(({ bomRef }) => bomRef)),
  });
  if (revision !== undefined) project.properties.add(new Models.Property('kdeploy:git:revision', revision));
  const parts = [project, ...(base === undefined ? [] : [imageComponent(base, library)])];
  const whole = imageComponent(image, library);
  for (const { bomRef } of parts) whole.dependencies.add(bomRef);
  const kdeploy = new Models.Component(ComponentType.Application, 'kdeploy', {
    bomRef: 'tool:kdeploy',
    version: kdeployVersion,
  });
  // As they are shown: nobody is to guess at a password in a URL by way of the number.
  const shown = ordered.map((each) => [packageUrl(each), each.sha256, each.filename, downloadUrl(each)]);
  const content = { image, base, packages: shown, application, kdeployVersion };
  const bom = new Models.Bom({
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    components: new Models.ComponentRepository([...parts, ...wheels]),
    metadata: new Models.Metadata({
      timestamp: new Date(image.created),
      lifecycles: new Models.LifecycleRepository([LifecyclePhase.Build]),
      tools: new Models.Tools({ components: new Models.ComponentRepository([kdeploy]) }),
      component: whole,
    }),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec1dot6));
  return Buffer.from(serializer.serialize(bom));
}

type Library = Awaited<ReturnType<typeof loadLibrary>>;

/** Of its parts those that are needed: the rest looks for validators and for XML. */
async function loadLibrary() {
  const [{ ComponentType, ExternalReferenceType, HashAlgorithm, LifecyclePhase }, Models, Serialize, { Spec1dot6 }] =
    await Promise.all([
      import('@cyclonedx/cyclonedx-library/Enums'),
      import('@cyclonedx/cyclonedx-library/Models'),
      import('@cyclonedx/cyclonedx-library/Serialize'),
      import('@cyclonedx/cyclonedx-library/Spec'),
    ]);
  return { ComponentType, ExternalReferenceType, HashAlgorithm, LifecyclePhase, Models, Serialize, Spec1dot6 };
}

function imageComponent(
  { name, digest }: { readonly name: string; readonly digest: Digest },
  { ComponentType, Models }: Library,
): Component {
  const purl = imageUrl(name, digest);
  return new Models.Component(ComponentType.Container, name, { bomRef: purl, purl, version: digest });
}

function packageComponent(
  shipped: ShippedPackage,
  { ComponentType, ExternalReferenceType, HashAlgorithm, Models }: Library,
): Component {
  const { name, version, sha256, filename } = shipped;
  const purl = packageUrl(shipped);
  const url = downloadUrl(shipped);
  const isRepository = url?.startsWith('git+') === true;
  const { VCS, Distribution } = ExternalReferenceType;
  const references = url === undefined ? [] : [new Models.ExternalReference(url, isRepository ? VCS : Distribution)];
  return new Models.Component(ComponentType.Library, name, {
    bomRef: purl,
    purl,
    version,
    hashes: new Models.HashDictionary(sha256 === undefined ? [] : [[HashAlgorithm['SHA-256'], sha256]]),
    externalReferences: new Models.ExternalReferenceRepository(references),
    properties: new Models.PropertyRepository([new Models.Property('kdeploy:wheel', filename)]),
  });
}

/** A document with the same content has the same number: RFC 9562, 5.8, a UUID by name and SHA-256. */
function uuidOf(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
