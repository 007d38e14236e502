/**
 * What an entry of a layer takes away from the layers below: `app/.wh.key.json` app/key.json, `app/.wh..wh..opq` everything in
 * app, which is told by a slash at the end (OCI image spec, layer.md, "Whiteouts"). `undefined` for any other entry.
 */
export function deletedBy(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!name.startsWith('.wh.')) return undefined;
  const folder = path.slice(0, path.length - name.length);
  return name === '.wh..wh..opq' ? folder : `${folder}${name.slice('.wh.'.length)}`;
}

/** Whether a path of a layer below is gone with what a layer deletes. */
export function isDeleted(path: string, deleted: string): boolean {
  return path === deleted || path.startsWith(deleted.endsWith('/') ? deleted : `${deleted}/`) || deleted === '';
}
