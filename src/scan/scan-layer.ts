import { readLayer } from '../image/read-layer.js';
import { deletedBy } from '../image/whiteout.js';
import type { FoundFile, LayerContents } from './image-secrets.js';
import { RepositoryFinder } from '../secrets/repositories.js';
import { isGitObject, judgeGitObject, maximumObjectBytes } from '../secrets/git-objects.js';
import { isSuspicious, judgeFile, maximumBytes, mayHoldText, type SecretVerdict } from '../secrets/secret-files.js';

/** A layer of thousands of keys is a test suite's; the first ones say enough. */
const MAXIMUM_FOUND = 50;

/** What the distribution brings: theirs, public, and with the next nearly all of an image. Projects are in /usr/src, too. */
const DISTRIBUTION =
  /^(?:bin|sbin|lib|lib32|lib64|libx32|proc|sys|dev|boot|usr\/(?:local\/)?(?:bin|sbin|lib|lib32|lib64|libx32|libexec|include|share|games|man)|var\/cache|var\/lib\/(?:apt|dpkg|rpm|dnf|yum|apk|pam|systemd|python|gems|alternatives|ca-certificates)|etc\/ssl\/certs|opt\/kdeploy)\//;
/** What installers bring: Python's own library, with keys for its tests, and packages. */
const INSTALLED =
  /(?:^|\/)(?:lib(?:64)?\/python\d[\d.]*|Lib\/site-packages|node_modules|(?:\w*(?:conda|mamba|forge)\d?)\/pkgs)\//;

/**
 * Looks for keys and tokens in a layer, a tar that may be compressed. One file of up to 1 MB is in memory at a time, so the
 * size of the layer does not matter. Throws KdeployError `image-not-found` for anything that is not a layer.
 */
export async function scanLayer(bytes: AsyncIterable<Uint8Array>): Promise<LayerContents> {
  const files: FoundFile[] = [];
  const deleted: string[] = [];
  const finder = new RepositoryFinder();
  const isRead = await readLayer(bytes, async (entry) => {
    const { path, type, size } = entry;
    const gone = deletedBy(path);
    if (gone !== undefined) deleted.push(gone);
    if (type !== 'file' || !isLookedAt(path)) return;
    finder.add(path);
    const isObject = isGitObject(path);
    if (!isObject && !isWorthALook(path)) return;
    const content = size <= (isObject ? maximumObjectBytes : maximumBytes)(path) ? await entry.content() : undefined;
    const verdict = files.length < MAXIMUM_FOUND ? judge(path, content) : undefined;
    if (verdict !== undefined) files.push({ path, verdict });
  });
  return { files, repositories: finder.repositories.map(({ folder }) => folder), deleted, isUnread: !isRead };
}

function isLookedAt(path: string): boolean {
  return !DISTRIBUTION.test(path) && !INSTALLED.test(path);
}

function judge(path: string, content: Buffer | undefined): SecretVerdict | undefined {
  if (isGitObject(path)) return content === undefined ? undefined : judgeGitObject(path, content);
  return judgeFile(path, content);
}

function isWorthALook(path: string): boolean {
  return isSuspicious(path) || mayHoldText(path);
}
