import type { PythonEnvironment } from '../../../project/python/marker.js';
import type { ImagePython } from '../image-python.js';

/** What markers ask of the image. */
export function imageEnvironment({ version, machine }: ImagePython): PythonEnvironment {
  return { pythonVersion: version, platform: machine === 'x86_64' ? 'linux/amd64' : 'linux/arm64' };
}

/** `Python 3.11.2, glibc 2.36, x86_64`: what a package has to fit. */
export function describePython({ version, libc, machine }: ImagePython): string {
  return `Python ${version}, ${libc.kind} ${libc.version}, ${machine}`;
}
