/** What a program or a library says of itself, without being started. */
export interface Program {
  readonly kind: 'elf' | 'script' | 'other';
  /** What it is made for (`e_machine` of its ELF header); `undefined`: for something that kdeploy does not know. */
  readonly machine: 'x86_64' | 'aarch64' | undefined;
  /** The dynamic loader that starts it, as it is named there: `/lib64/ld-linux-x86-64.so.2`. */
  readonly loader: string | undefined;
  /** `3.11` of the `libpython3.11.so.1.0` that it is linked to. */
  readonly libraryVersion: string | undefined;
  /** Texts that may be the version of a Python: `PY_VERSION` is one of them where Python's code is in the file. */
  readonly pythonVersions: readonly string[];
  /** `2.36`, of the GNU C library itself. */
  readonly glibc: string | undefined;
  /** `1.2.4`, of musl itself. */
  readonly musl: string | undefined;
}

/** Longer than any of the texts that are looked for, which may begin in one piece of the file and end in the next. */
const OVERLAP = 512;
const HEADER_BYTES = 20;
/** `e_machine` (ELF specification, "Machine Information"). */
const MACHINES: Readonly<Record<number, 'x86_64' | 'aarch64'>> = { 62: 'x86_64', 183: 'aarch64' };

/**
 * PY_VERSION, behind one of `\0`, `/` and `-`. Compilers merge a text with the end of a longer one, so where Python is configured
 * for a folder that is named by its version, as by pyenv, only `/root/.pyenv/versions/3.11.7` is in the file.
 */
const PYTHON_VERSION = /(3\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?)\+?\0/g;
const LIBRARY = /libpython(3\.\d{1,2})[a-z]?\.so\.1\.0\0/;
const LOADER = /\/[\w./+-]{0,200}ld-(?:linux|musl)[\w.-]{0,60}\.so\.\d(?=\0)/;
/** As `libc.so.6` prints it when it is started. */
const GLIBC = /GNU C Library [^\0\n]{0,200}? release version (\d{1,2}\.\d{1,3})/;
const MUSL_BANNER = 'musl libc (';
/** Behind `\0`. */
const MUSL_VERSION = /(1\.\d{1,2}\.\d{1,3})(?=\0)/g;

/** Reads a file of any size piece by piece, all of it. */
export async function readProgram(bytes: AsyncIterable<Uint8Array>): Promise<Program> {
  let header = Buffer.alloc(0);
  let carried = '';
  let [isMusl, loader, libraryVersion, glibc] = [false, undefined, undefined, undefined] as [boolean, ...Text[]];
  // By what stands in front: a text of its own is a better witness than the end of another one.
  const [whole, ends, muslVersions] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for await (const piece of bytes) {
    if (header.length < HEADER_BYTES) header = Buffer.concat([header, piece.subarray(0, HEADER_BYTES)]);
    const text = carried + Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1');
    for (const { before, version } of versionsIn(text, PYTHON_VERSION))
      if (before === '\0') whole.add(version);
      else if (before === '/' || before === '-') ends.add(version);
    for (const { before, version } of versionsIn(text, MUSL_VERSION)) if (before === '\0') muslVersions.add(version);
    isMusl ||= text.includes(MUSL_BANNER);
    loader ??= LOADER.exec(text)?.[0];
    libraryVersion ??= LIBRARY.exec(text)?.[1];
    glibc ??= GLIBC.exec(text)?.[1];
    carried = text.slice(-OVERLAP);
  }
  const [musl, another] = [...muslVersions];
  return {
    ...{ kind: kindOf(header), machine: machineOf(header), loader, libraryVersion, glibc },
    pythonVersions: [...whole, ...[...ends].filter((version) => !whole.has(version))],
    musl: isMusl && another === undefined ? musl : undefined,
  };
}

type Text = string | undefined;

/**
 * With the byte in front of each. An expression that looks behind itself is tried at every byte; V8 skips to the literal that
 * another one begins with, which takes a tenth of the time.
 */
function* versionsIn(text: string, expression: RegExp): Generator<{ readonly before: Text; readonly version: string }> {
  for (const { index, 1: version = '' } of text.matchAll(expression)) yield { before: text[index - 1], version };
}

function kindOf(header: Buffer): Program['kind'] {
  if (header.subarray(0, 4).toString('latin1') === '\x7fELF') return 'elf';
  return header.subarray(0, 2).toString('latin1') === '#!' ? 'script' : 'other';
}

function machineOf(header: Buffer): Program['machine'] {
  if (kindOf(header) !== 'elf' || header.length < HEADER_BYTES) return undefined;
  // EI_CLASS and EI_DATA: 64 bits, the least significant byte first. 32-bit programs for the same machines have other wheels.
  return header[4] === 2 && header[5] === 1 ? MACHINES[header.readUInt16LE(18)] : undefined;
}
