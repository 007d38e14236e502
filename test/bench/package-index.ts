import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Of pypi.org's pages (warehouse/api/simple.py: `cache_control(10 * 60)`). */
const CACHE_CONTROL = 'max-age=600, public';

/** A package index that answers as pypi.org does. */
export interface CacheableIndex {
  /** `http://127.0.0.1:port/simple/` */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Hands on each request for a page to the index that is configured, and each answer with the header that lets a client keep it.
 * Mirrors leave that out, and then uv asks for a hundred pages anew at each resolution, which it does not do of pypi.org. It
 * keeps nothing itself, so that it makes no first request faster.
 */
export async function startCacheableIndex(
  upstream = process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple/',
): Promise<CacheableIndex> {
  const server = createServer((request, response) => {
    const { accept = '*/*' } = request.headers;
    const name = /^\/simple\/([^/]+\/?)$/.exec(request.url ?? '')?.[1];
    if (name === undefined) {
      response.writeHead(404).end();
      return;
    }
    fetch(new URL(name, upstream.replace(/\/?$/, '/')), { headers: { accept } })
      .then(async ({ status, headers, body }) => {
        const type = headers.get('content-type');
        response.writeHead(status, {
          ...(type === null ? {} : { 'content-type': type }),
          ...(status === 200 ? { 'cache-control': headers.get('cache-control') ?? CACHE_CONTROL } : {}),
        });
        if (body === null) response.end();
        else await pipeline(Readable.fromWeb(body), response);
      })
      .catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple/`,
    stop: () => closed(server),
  };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
