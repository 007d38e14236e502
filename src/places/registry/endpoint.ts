import { DOCKER_HUB } from '../../image/reference.js';

/**
 * Where a registry's API answers. Docker Hub has a host of its own for it. Registries on this machine are spoken to
 * over http, as the Docker Engine does by default; all others over https, unless `plainHttp` says otherwise.
 */
export function registryBaseUrl(registry: string, plainHttp = false): URL {
  if (registry === DOCKER_HUB) return new URL('https://registry-1.docker.io/');
  return new URL(`${plainHttp || isLoopback(hostnameOf(registry)) ? 'http' : 'https'}://${registry}/`);
}

/** 127.0.0.0/8, ::1 and `localhost`: what is sent there stays on this machine. `127.0.0.1.example.com` is not it. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function hostnameOf(registry: string): string {
  return registry.replace(/:\d+$/, '');
}
