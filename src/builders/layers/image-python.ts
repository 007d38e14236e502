/** The Python of a base image, as its layers have it; nothing is started to find out. */
export interface ImagePython {
  /** The whole version: `3.11.2`. */
  readonly version: string;
  /** Where the program really is in the image, no link on the way: `/usr/bin/python3.11`. */
  readonly executable: string;
  readonly libc: Libc;
  /** Of a wheel's platform tag. */
  readonly machine: 'x86_64' | 'aarch64';
}

/** What programs are linked to: wheels name the oldest one that they run on (PEP 600, PEP 656). */
export interface Libc {
  readonly kind: 'glibc' | 'musl';
  /** `2.36`, `1.2`. */
  readonly version: string;
}

/** `3.11` of `3.11.2`: what wheels, bytecode and folders are named by. */
export function minorVersion({ version }: Pick<ImagePython, 'version'>): string {
  return version.split('.').slice(0, 2).join('.');
}
