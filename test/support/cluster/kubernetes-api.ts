import { request } from 'node:https';

export interface KubernetesObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: { readonly phase?: string };
  /** Of an event. */
  readonly reason?: string;
}

/** Kubernetes' REST API, as an administrator. */
export class KubernetesApi {
  constructor(
    readonly address: string,
    readonly certificate: string,
    readonly token: string,
  ) {}

  async list(path: string): Promise<readonly KubernetesObject[]> {
    return ((await this.ask('GET', path)) as { readonly items: readonly KubernetesObject[] }).items;
  }

  create(path: string, object: object): Promise<unknown> {
    return this.ask('POST', path, object);
  }

  merge(path: string, object: object): Promise<unknown> {
    return this.ask('PATCH', path, object);
  }

  /** With the seconds that a pod gets to end. */
  delete(path: string, gracePeriodSeconds?: number): Promise<unknown> {
    return this.ask('DELETE', path, gracePeriodSeconds === undefined ? undefined : { gracePeriodSeconds });
  }

  async isReady(): Promise<boolean> {
    return (await this.text('GET', '/readyz')) === 'ok';
  }

  async ask(method: string, path: string, body?: object): Promise<unknown> {
    return JSON.parse(await this.text(method, path, body)) as unknown;
  }

  /** Node's fetch() takes no certificate authority. */
  text(method: string, path: string, body?: object): Promise<string> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    return new Promise((resolve, reject) => {
      const asked = request(
        new URL(path, this.address),
        {
          method,
          ca: this.certificate,
          // Without its length, Node sends no body of a DELETE that the server could read.
          headers: {
            authorization: `Bearer ${this.token}`,
            'content-type': type,
            'content-length': Buffer.byteLength(text),
          },
        },
        (answer) => {
          let answered = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (answered += chunk));
          answer.once('error', reject).once('end', () => {
            const status = answer.statusCode ?? 0;
            if (status >= 200 && status < 300) resolve(answered);
            else reject(new Error(`Kubernetes answered ${status} to ${method} ${path}: ${answered}`));
          });
        },
      );
      asked.once('error', reject);
      asked.end(text);
    });
  }
}
