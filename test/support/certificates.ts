import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { RequestListener, Server } from 'node:http';
import type { TemporaryFolder } from '../unit/temporary-folder.js';

export interface SelfSigned {
  /** The file that makes a client trust it. */
  readonly file: string;
  /** The same with the key, as a client shows itself. */
  readonly fileWithKey: string;
  readonly certificate: string;
  readonly key: string;
}

/** What openssl makes a key of. */
const KEYS = {
  ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  rsa: ['rsa:2048'],
} as const;

/** A certificate that no authority signed, for 127.0.0.1 or what else is named. */
export async function selfSigned(
  folder: TemporaryFolder,
  name: string,
  subject = 'IP:127.0.0.1',
  kind: keyof typeof KEYS = 'ec',
): Promise<SelfSigned> {
  const [keyFile, file, fileWithKey] = ['key', 'certificate', 'both'].map((what) =>
    folder.file(`${name}-${what}.pem`),
  ) as [string, string, string];
  const request = ['req', '-x509', '-newkey', ...KEYS[kind], '-nodes', '-days', '1'];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`];
  await promisify(execFile)('openssl', [...request, ...names, '-keyout', keyFile, '-out', file]);
  const [certificate, key] = [await readFile(file, 'utf8'), await readFile(keyFile, 'utf8')];
  await folder.write({ [`${name}-both.pem`]: certificate + key });
  return { file, fileWithKey, certificate, key };
}

/** An HTTPS server on this machine, and its `127.0.0.1:port`. */
export async function startTlsServer(options: ServerOptions, answer: RequestListener): Promise<[Server, host: string]> {
  const server = createServer(options, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return [server, `127.0.0.1:${(server.address() as AddressInfo).port}`];
}
