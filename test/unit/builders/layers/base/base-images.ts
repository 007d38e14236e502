import { gzipSync } from 'node:zlib';
import { pack, type Header } from 'tar-stream';
import { readBaseTree, type BaseTree } from '../../../../../src/builders/layers/base/base-tree.js';
import { interestIn } from '../../../../../src/builders/layers/base/interest.js';
import { digestOf, type Digest } from '../../../../../src/image/digest.js';
import { imageOf, type Image } from '../../../../../src/image/image.js';
import { parseImageConfig, parseManifest } from '../../../../../src/image/manifest-json.js';
import { MEDIA_TYPES } from '../../../../../src/image/manifest.js';

/** A path of a layer: a folder where it ends with a slash, a link by `linkname`, else a file. */
export type TestEntry = readonly [path: string, content?: string | Buffer | Partial<Header>, header?: Partial<Header>];

/** The same bytes for the same entries, whatever the time. */
export async function layerOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const tar = pack();
  const mtime = new Date(0);
  for (const [name, content = '', header = {}] of entries) {
    if (name.endsWith('/')) tar.entry({ mtime, ...(isHeader(content) ? content : header), name, type: 'directory' });
    else if (isHeader(content)) tar.entry({ mtime, type: 'symlink', ...content, name });
    else tar.entry({ mtime, ...header, name }, content);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function isHeader(content: string | Buffer | Partial<Header>): content is Partial<Header> {
  return typeof content !== 'string' && !Buffer.isBuffer(content);
}

export interface TestImage extends Image {
  /** The layers that were opened, by digest, as often as they were. */
  readonly opened: readonly Digest[];
}

export interface TestImageOptions {
  readonly env?: readonly string[];
  readonly architecture?: string;
}

/** An image of these layers, compressed; bytes are taken as they are. */
export async function imageOfLayers(
  layers: readonly (readonly TestEntry[] | Buffer)[],
  { env = [], architecture = 'amd64' }: TestImageOptions = {},
): Promise<TestImage> {
  const blobs = await Promise.all(
    layers.map(async (each) => (Buffer.isBuffer(each) ? each : gzipSync(await layerOf(each)))),
  );
  const rootfs = { type: 'layers', diff_ids: blobs.map((blob) => digestOf(`tar of ${digestOf(blob)}`)) };
  const configBytes = Buffer.from(JSON.stringify({ architecture, os: 'linux', config: { Env: env }, rootfs }));
  const config = { mediaType: MEDIA_TYPES.ociConfig, digest: digestOf(configBytes), size: configBytes.length };
  const descriptors = blobs.map((blob) => ({
    ...{ mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf(blob), size: blob.length },
  }));
  const mediaType = MEDIA_TYPES.ociManifest;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: descriptors }));
  const parsed = parseManifest(bytes, mediaType, 'base');
  if (parsed.kind !== 'image') throw new TypeError('an index');
  const opened: Digest[] = [];
  const image = imageOf({
    manifest: { bytes, mediaType, digest: digestOf(bytes), value: parsed.manifest },
    config: { ...config, bytes: configBytes, value: parseImageConfig(configBytes, 'base') },
    layers: descriptors.map((descriptor, index) => ({
      descriptor,
      open: async function* () {
        opened.push(descriptor.digest);
        yield await Promise.resolve(blobs[index] ?? Buffer.alloc(0));
      },
    })),
    what: 'base',
  });
  return { ...image, opened };
}

/** The tree of an image with these layers, with what the builder keeps of files. */
export async function treeOfLayers(...layers: readonly (readonly TestEntry[])[]): Promise<BaseTree> {
  const tree = await readBaseTree(await imageOfLayers(layers), { interestIn });
  if (tree === undefined) throw new TypeError('unreadable');
  return tree;
}

/** An ELF file with these texts in it: of 64 bits, for x86_64 unless another machine is given. */
export function elf(texts: readonly string[], machine = 62): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(`\0${texts.join('\0')}\0`, 'latin1')]);
}

const EXECUTABLE = { mode: 0o755 };

export const GLIBC_LOADER = '/lib64/ld-linux-x86-64.so.2';
export const MUSL_LOADER = '/lib/ld-musl-x86_64.so.1';

/** Debian's C library, behind the links of a merged /usr. */
export const GLIBC: readonly TestEntry[] = [
  ['lib64', { linkname: 'usr/lib64' }],
  ['lib', { linkname: 'usr/lib' }],
  ['usr/lib64/ld-linux-x86-64.so.2', { linkname: '/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2' }],
  ['usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', elf([]), EXECUTABLE],
  [
    'usr/lib/x86_64-linux-gnu/libc.so.6',
    elf(['GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\nCopyright']),
    EXECUTABLE,
  ],
];

/** Debian 12 with its own Python, which has the library in the program. */
export const DEBIAN: readonly TestEntry[] = [
  ...GLIBC,
  ['usr/bin/python3.11', elf([GLIBC_LOADER, '3.2.0', '3.11.2', '1.2.13']), EXECUTABLE],
  ['usr/bin/python3', { linkname: 'python3.11' }],
  ['usr/lib/python3.11/os.py', 'import sys'],
  ['usr/lib/python3/dist-packages/', { mode: 0o755 }],
];

/** As python:3.11-slim: below /usr/local, and linked to a library. */
export const SLIM: readonly TestEntry[] = [
  ...GLIBC,
  ['usr/local/bin/python3.11', elf([GLIBC_LOADER, 'libpython3.11.so.1.0']), EXECUTABLE],
  ['usr/local/bin/python3', { linkname: 'python3.11' }],
  ['usr/local/bin/python', { linkname: 'python3' }],
  ['usr/local/lib/libpython3.11.so.1.0', elf(['libpython3.11.so.1.0', '3.11.9']), EXECUTABLE],
  ['usr/local/lib/python3.11/site-packages/', { mode: 0o755 }],
];
