import { isIP } from 'node:net';
import { secretInAddress } from '../../../secrets/address.js';
import type { Flaw } from '../fields.js';

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** `SOURCE:TARGET[:ro]`, as `docker run -v` has it; `undefined` for anything else. */
export function parseMount(text: string): Mount | undefined {
  const [source = '', target = '', mode = 'rw', ...rest] = text.split(':');
  if (rest.length > 0 || !['ro', 'rw'].includes(mode)) return undefined;
  const isVolume = /^[A-Za-z0-9][A-Za-z0-9_.-]+$/.test(source);
  const folder = target.replace(/\/+$/, '');
  if (!(isVolume || isPath(source)) || !isPath(folder)) return undefined;
  return { source, target: folder, readOnly: mode === 'ro' };
}

function isPath(path: string): boolean {
  return path.startsWith('/') && !path.split('/').includes('..');
}

export function mountFlaw(text: string): Flaw | undefined {
  if (parseMount(text) !== undefined) return undefined;
  const isRelative = /^(?:\.|~|[\w-]+\/)/.test(text);
  return {
    message: isRelative ? 'has a relative source' : 'is not a mount',
    remedy: isRelative
      ? "write the path on the engine's machine, /srv/data:/home/kedro_docker/data: nobody knows which folder it is relative to"
      : 'write SOURCE:TARGET or SOURCE:TARGET:ro, with absolute paths; SOURCE may be the name of a volume',
  };
}

const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** What docker's engine takes for a limit: a number of bytes, with b, k, m or g, and not less than 6m. */
export function memoryFlaw(value: string | number): Flaw | undefined {
  const [, amount, suffix = ''] = /^([1-9]\d*)([bkmg]?)$/i.exec(String(value)) ?? [];
  if (amount !== undefined && Number(amount) * (BYTES[suffix.toLowerCase()] ?? 1) >= 6 * 2 ** 20) return undefined;
  if (amount !== undefined)
    return { message: 'is less than the 6m that Docker asks for', remedy: `did you mean ${amount}m?` };
  const [, number, unit] = /^(\d+)\s*([kmg])i?b?$/i.exec(String(value)) ?? [];
  return {
    message: 'is not an amount of memory that Docker accepts',
    remedy: number === undefined ? 'write bytes, or 512m, 2g' : `did you mean ${number}${unit?.toLowerCase() ?? ''}?`,
  };
}

export function engineAddressFlaw(address: string): Flaw | undefined {
  if (!/^(?:unix:\/\/\/|(?:tcp|https?|ssh):\/\/[^/\s])/.test(address))
    return {
      message: "is not an engine's address",
      remedy: 'write unix:///var/run/docker.sock or tcp://HOST:2376',
    };
  if (secretInAddress(address) === 'none') return undefined;
  return {
    message: 'contains a password',
    remedy: 'use an address without one; TLS certificates authenticate Airflow',
  };
}

export function hostNameFlaw(name: string): Flaw | undefined {
  if (/^[A-Za-z0-9_](?:[\w.-]{0,252})$/.test(name)) return undefined;
  return { message: 'is not a host name', remedy: 'write NAME: ADDRESS, such as mlflow.internal: "10.0.0.7"' };
}

export function extraHostFlaw(address: string): Flaw | undefined {
  if (isIP(address) !== 0 || address === 'host-gateway') return undefined;
  return { message: 'is not an IP address', remedy: 'write an address such as 10.0.0.7, or host-gateway' };
}
