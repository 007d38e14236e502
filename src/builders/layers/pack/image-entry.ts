/** One thing in a layer, as kdeploy writes it: times are the same for all, so they are not among the facts. */
export type ImageEntry = FolderEntry | FileEntry | LinkEntry;

interface Entry {
  /** In the image, without the first slash and without a slash at the end: `opt/venv/lib`. */
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

export interface FolderEntry extends Entry {
  readonly type: 'folder';
  /** Permission bits: `0o755`. */
  readonly mode: number;
}

export interface FileEntry extends Entry {
  readonly type: 'file';
  readonly mode: number;
  readonly content: Content;
}

/** A symbolic link. */
export interface LinkEntry extends Entry {
  readonly type: 'link';
  readonly target: string;
}

export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** As a wheel has it: a raw deflate stream (RFC 1951), which goes into a gzip layer as it is. */
  | {
      readonly kind: 'deflated';
      /** Uncompressed bytes. */
      readonly size: number;
      readonly crc32: number;
      /** The deflate stream, as often as it is asked for. */
      readonly open: () => AsyncIterable<Uint8Array>;
    }
  /** Of a file that is not held in memory; exactly `size` bytes. */
  | {
      readonly kind: 'stream';
      readonly size: number;
      readonly open: () => AsyncIterable<Uint8Array>;
      /** Where it is known without reading: of a file that a wheel has uncompressed. */
      readonly crc32?: number;
    };
