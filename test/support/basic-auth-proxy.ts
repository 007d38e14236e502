import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BasicAuthProxy {
  readonly url: string;
  stop(): Promise<void>;
}

export interface BasicAuthOptions {
  /** Where what it lets through goes. */
  readonly target: string;
  readonly user: string;
  readonly password: string;
  /** The address to listen on. */
  readonly address: string;
  /** The Host header that the target sees, as behind a gateway that rewrites it. */
  readonly host?: string;
}

/** What stands before an MLflow without a login of its own: it lets one user in, and shows everybody else a page with 401. */
export async function startBasicAuthProxy({
  target,
  user,
  password,
  address,
  host,
}: BasicAuthOptions): Promise<BasicAuthProxy> {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const { hostname, port } = new URL(target);
  const proxy = createServer((incoming, outgoing) => {
    const { authorization, ...headers } = incoming.headers;
    if (authorization !== expected) {
      outgoing.writeHead(401, { 'WWW-Authenticate': 'Basic realm="mlflow"', 'Content-Type': 'text/html' });
      outgoing.end('<html><body><h1>401 Authorization Required</h1></body></html>');
      return;
    }
    const { method, url: path } = incoming;
    const onward = ask({ hostname, port, method, path, headers: { ...headers, ...(host && { host }) } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once('error', () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject);
    proxy.listen(0, address, resolve);
  });
  return {
    url: `http://${address}:${(proxy.address() as AddressInfo).port}`,
    stop: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
