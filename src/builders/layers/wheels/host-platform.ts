import { minorVersion, type ImagePython, type Libc } from '../image-python.js';

/** What compiled code runs on. */
export interface HostPlatform {
  /** As Node says: `linux`, `darwin`. */
  readonly system: string;
  /** As Node says: `x64`, `arm64`. */
  readonly machine: string;
  /** `undefined` where it is not Linux; of musl the version is not known. */
  readonly libc: { readonly kind: Libc['kind']; readonly version: string | undefined } | undefined;
}

const MACHINES: Readonly<Record<ImagePython['machine'], string>> = { x86_64: 'x64', aarch64: 'arm64' };

/** This machine. */
export function hostPlatform(): HostPlatform {
  const { platform, arch } = process;
  return { system: platform, machine: arch, libc: platform === 'linux' ? hostLibc() : undefined };
}

function hostLibc(): HostPlatform['libc'] {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  const version = header.glibcVersionRuntime;
  return version === undefined ? { kind: 'musl', version } : { kind: 'glibc', version };
}

/**
 * Whether what is compiled here runs in the image: a program runs with the glibc that it was linked to, and with newer
 * ones.
 */
export function fits(host: HostPlatform, { libc, machine }: Pick<ImagePython, 'libc' | 'machine'>): boolean {
  if (host.system !== 'linux' || host.machine !== MACHINES[machine] || host.libc?.kind !== libc.kind) return false;
  return host.libc.version === undefined || isAtMost(host.libc.version, libc.version);
}

function isAtMost(one: string, other: string): boolean {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [numbersOf(one), numbersOf(other)];
  return major < otherMajor || (major === otherMajor && minor <= otherMinor);
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}

/** `Linux x86_64 with glibc 2.36 and CPython 3.11` */
export function shownTarget(python: ImagePython): string {
  const { machine, libc } = python;
  return `Linux ${machine} with ${libc.kind} ${libc.version} and CPython ${minorVersion(python)}`;
}

/** `darwin arm64`, `linux x64 with glibc 2.41` */
export function shownHost({ system, machine, libc }: HostPlatform): string {
  const library = libc === undefined ? '' : ` with ${libc.kind}${libc.version === undefined ? '' : ` ${libc.version}`}`;
  return `${system} ${machine}${library}`;
}
