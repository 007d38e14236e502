import { crc32 } from 'node:zlib';

export interface TinyWheel {
  readonly filename: string;
  readonly bytes: Buffer;
}

export interface TinyWheelOptions {
  /** `py3-none-any` without it. */
  readonly tag?: string;
  /** `Requires-Dist`. */
  readonly requires?: readonly string[];
  readonly requiresPython?: string;
  /** What its one module contains, to make another file of the same release. */
  readonly code?: string;
}

/** A wheel with one module, as small as they come: what an index offers in a test. */
export function tinyWheel(name: string, version: string, options: TinyWheelOptions = {}): TinyWheel {
  const { tag = 'py3-none-any', requires = [], requiresPython, code = 'x = 1\n' } = options;
  const distribution = name.replace(/[-.]/g, '_');
  const information = `${distribution}-${version}.dist-info`;
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...requires.map((each) => `Requires-Dist: ${each}`),
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
  ];
  const wheel = ['Wheel-Version: 1.0', 'Generator: test', 'Root-Is-Purelib: true', `Tag: ${tag}`];
  return {
    filename: `${distribution}-${version}-${tag}.whl`,
    bytes: storedZip({
      [`${distribution}.py`]: code,
      [`${information}/METADATA`]: `${metadata.join('\n')}\n`,
      [`${information}/WHEEL`]: `${wheel.join('\n')}\n`,
      [`${information}/RECORD`]: '',
    }),
  };
}

/** A zip file whose entries are not compressed. */
function storedZip(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    // 1980-01-01.
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000'), common, rest, Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, each) => sum + each.length, 0);
  const end = Buffer.alloc(18);
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, ...directory, Buffer.from('PK\u0005\u0006'), end]);
}
