import { KdeployError } from '../errors.js';
import { quoted } from '../secrets/quoted.js';

/** What an image runs on, in the words of the OCI image index: `{os: 'linux', architecture: 'arm', variant: 'v7'}`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** Other spellings that people and `uname -m` use; the same table as containerd's platforms package. */
const ARCHITECTURES: Readonly<Record<string, { architecture: string; variant?: string }>> = {
  x86_64: { architecture: 'amd64' },
  'x86-64': { architecture: 'amd64' },
  x64: { architecture: 'amd64' },
  aarch64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v6' },
  i386: { architecture: '386' },
  ia32: { architecture: '386' },
};

/** Variants that say nothing more than the architecture alone does. */
const IMPLIED_VARIANTS: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' };

/** `linux/amd64`, `linux/arm/v7`, `linux/aarch64`. Throws KdeployError `usage` for anything else. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const [os = '', architecture = '', variant] = parts;
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+$/.test(part))) {
    throw new KdeployError('usage', `${quoted(text)} is not a platform`, {
      hint: 'use os/architecture, such as linux/amd64 or linux/arm64',
    });
  }
  return platformOf(os, architecture, variant);
}

/** The platform whose image of an index is looked at: the clusters' usual one, unless --platform names another. */
export function selectedPlatform(flag: string | undefined): Platform {
  return parsePlatform(flag ?? 'linux/amd64');
}

/** A platform with its parts brought to their usual spelling, so that two that mean the same are equal. */
export function platformOf(os: string, architecture: string, variant?: string): Platform {
  const lower = architecture.toLowerCase();
  const known = ARCHITECTURES[lower] ?? { architecture: lower };
  const spelled = variant === undefined || variant === '' ? known.variant : variant.toLowerCase();
  const full = spelled === undefined || spelled.startsWith('v') ? spelled : `v${spelled}`;
  return {
    os: os.toLowerCase(),
    architecture: known.architecture,
    ...(full === undefined || full === IMPLIED_VARIANTS[known.architecture] ? {} : { variant: full }),
  };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

export function isSamePlatform(one: Platform, other: Platform): boolean {
  const normal = ({ os, architecture, variant }: Platform) => formatPlatform(platformOf(os, architecture, variant));
  return normal(one) === normal(other);
}

/** What containers on this machine run on by default. The system is always linux: on a Mac they run in a Linux machine. */
export function machinePlatform(arch: string = process.arch): Platform {
  return platformOf('linux', arch === 'ppc64' ? 'ppc64le' : arch);
}
