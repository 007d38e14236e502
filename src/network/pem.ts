import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { KdeployError, systemCodeOf } from '../errors.js';
import { readPlainFile } from '../plain-file.js';

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;
const ENCRYPTED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;
/** OpenSSL finds a certificate in a folder by the hash of its subject. */
const HASHED_NAME = /^[0-9a-f]{8}\.\d+$/;

/** The certificates in the file or folder that a variable names. Throws KdeployError `configuration` that names both. */
export async function readAuthorities(variable: string, file: string): Promise<string> {
  if (await isFolder(variable, file)) {
    const certificates = (await textsIn(file)).filter((text) => CERTIFICATE.test(text));
    if (certificates.length > 0) return certificates.join('\n');
    throw unfit(variable, `${file}, a folder without certificates under the names that \`openssl rehash\` creates`);
  }
  const text = await read(variable, file);
  if (CERTIFICATE.test(text)) return text;
  throw unfit(variable, `${file}, which contains no certificate in PEM format`);
}

/** A client's certificate with its key, in one file, as MLflow passes it to requests. */
export async function readClientCertificate(variable: string, file: string): Promise<string> {
  if (await isFolder(variable, file)) throw unfit(variable, `${file}, which is a folder`);
  const text = await read(variable, file);
  if (!CERTIFICATE.test(text)) throw unfit(variable, `${file}, which contains no certificate in PEM format`);
  if (ENCRYPTED_KEY.test(text)) throw unfit(variable, `${file}, whose private key is encrypted with a passphrase`);
  if (!PRIVATE_KEY.test(text)) throw unfit(variable, `${file}, which contains no private key`);
  return text;
}

async function isFolder(variable: string, file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    throw unreadable(variable, file, error);
  }
}

async function read(variable: string, file: string): Promise<string> {
  try {
    return (await readPlainFile(file)).toString('latin1');
  } catch (error) {
    throw unreadable(variable, file, error);
  }
}

async function textsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => !entry.isDirectory() && HASHED_NAME.test(entry.name))
      .map(async ({ name }) =>
        (await readPlainFile(path.join(folder, name)).catch(() => Buffer.alloc(0))).toString('latin1'),
      ),
  );
}

function unreadable(variable: string, file: string, error: unknown): KdeployError {
  const isMissing = ['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '');
  return unfit(variable, `${file}, which ${isMissing ? 'does not exist' : 'cannot be read'}`, error);
}

function unfit(variable: string, what: string, cause?: unknown): KdeployError {
  return new KdeployError('configuration', `${variable} names ${what}`, {
    cause,
    hint: `correct the path in ${variable}, or unset the variable`,
  });
}
