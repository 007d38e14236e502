import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Where pypi.org has the files of its pages. */
const FILES = 'https://files.pythonhosted.org/';
/** Of pypi.org's pages (warehouse/api/simple.py: `cache_control(10 * 60)`), and of its files, which never change. */
const CACHE_CONTROL = { page: 'max-age=600, public', file: 'max-age=365000000, immutable, public' };

/** A package index that answers as pypi.org does. */
export interface CacheableIndex {
  /** `http://127.0.0.1:port/simple/` */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Hands on each request for a page or a file to the index that is configured, and each answer with the header that lets a client
 * keep it. Mirrors leave that out, and then uv asks for hundreds of pages and metadata anew at each resolution, which it does not
 * do of pypi.org. It keeps nothing itself, so that it makes no first request faster.
 */
export async function startCacheableIndex(
  upstream = process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple/',
): Promise<CacheableIndex> {
  let origin = '';
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${origin}/simple/`, stop: () => closed(server) };

  async function answer({ url = '', method = 'GET', headers }: IncomingMessage, response: ServerResponse) {
    const [, kind, rest = ''] = /^\/(simple|files)\/(.+)$/.exec(url) ?? [];
    if (kind === undefined) {
      response.writeHead(404).end();
      return;
    }
    const isFile = kind === 'files';
    const { accept = '*/*', range } = headers;
    const asked = { accept, 'accept-encoding': 'identity', ...(range === undefined ? {} : { range }) };
    const target = new URL(rest, isFile ? FILES : upstream.replace(/\/?$/, '/'));
    const { status, headers: given, body } = await fetch(target, { method, headers: asked });
    const names = ['content-type', ...(isFile ? ['content-length', 'content-range', 'accept-ranges', 'etag'] : [])];
    const kept = names.flatMap((name) => (given.has(name) ? [[name, given.get(name) ?? ''] as const] : []));
    const cacheControl = given.get('cache-control') ?? CACHE_CONTROL[isFile ? 'file' : 'page'];
    response.writeHead(status, {
      ...Object.fromEntries(kept),
      ...(status < 300 ? { 'cache-control': cacheControl } : {}),
    });
    if (body === null) response.end();
    else if (isFile) await pipeline(Readable.fromWeb(body), response);
    else response.end((await new Response(body).text()).replaceAll(FILES, `${origin}/files/`));
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
