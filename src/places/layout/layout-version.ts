import { KdeployError } from '../../errors.js';
import { readDocument, type LayoutFiles } from './layout-files.js';

/** The file that makes a folder a layout (image-layout.md, "oci-layout file"). */
export const LAYOUT_FILE = 'oci-layout';

export const LAYOUT_CONTENT = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/** Throws KdeployError `image-not-found` for anything but an OCI image layout of a known version. */
export async function assertLayout(files: LayoutFiles): Promise<void> {
  const bytes = await readDocument(files, LAYOUT_FILE);
  if (bytes === undefined) throw await notALayout(files);
  const version = versionIn(bytes);
  if (version?.startsWith('1.') === true) return;
  const found = version === undefined ? 'no version' : `version ${version.slice(0, 20)}`;
  throw new KdeployError(
    'image-not-found',
    `${files.path} is not an OCI image layout that kdeploy can read: its oci-layout names ${found}`,
  );
}

async function notALayout(files: LayoutFiles): Promise<KdeployError> {
  const message = `${files.path} is not an OCI image layout: it has no file oci-layout`;
  if ((await files.find('manifest.json').catch(() => undefined)) !== undefined)
    return new KdeployError('image-not-found', `${message}, but a manifest.json, as \`docker save\` writes it`, {
      hint: 'name the file of `docker save`, not unpacked: docker-archive:FILE',
    });
  return new KdeployError('image-not-found', message, {
    hint: 'a layout is what `docker buildx build --output type=oci` and `skopeo copy … oci:FOLDER` write',
  });
}

function versionIn(bytes: Buffer): string | undefined {
  try {
    const document: unknown = JSON.parse(bytes.toString('utf8'));
    const isObject = typeof document === 'object' && document !== null && 'imageLayoutVersion' in document;
    return isObject && typeof document.imageLayoutVersion === 'string' ? document.imageLayoutVersion : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
