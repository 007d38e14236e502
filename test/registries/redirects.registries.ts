import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import type { Outcome } from '../support/command.js';
import { startRegistryProxy, type Asked, type RegistryProxy } from '../support/registry-proxy.js';
import { Promotion } from '../support/registries/promotion.js';
import { CREDENTIALS, Registries } from '../support/registries/registries.js';
import type { SampleImage } from '../support/registries/sample-images.js';

/** What a registry may send on: to a store of its own, or to somebody who wants the password. */
const WRITES: Readonly<Record<string, (asked: Asked) => boolean>> = {
  'the question for a blob': ({ method, path: asked }) => method === 'HEAD' && asked.includes('/blobs/'),
  'the beginning of an upload': ({ method }) => method === 'POST',
  'the end of an upload': ({ method, path: asked }) => method === 'PUT' && asked.includes('/uploads/'),
  'the manifest': ({ method, path: asked }) => method === 'PUT' && asked.includes('/manifests/'),
};

describe('a copy that is sent to another host', () => {
  const [sources, targets] = [new Registries(), new Registries()];
  let promotion: Promotion;

  before(async () => {
    promotion = await Promotion.start();
  });
  after(async () => {
    await sources.stop();
    await targets.stop();
    await promotion.remove();
  });

  for (const kind of ['distribution v3', 'distribution v3 with tokens'] as const) {
    describe(`by ${kind}`, () => {
      let [from, to] = ['', ''];
      let source: RegistryProxy;
      let target: RegistryProxy;
      let elsewhere: RegistryProxy;
      let image: SampleImage;
      let old: SampleImage;
      let count = 0;

      before(async () => {
        [from, to] = [await sources.address(kind), await targets.address(kind)];
        [source, target] = [await startRegistryProxy(from), await startRegistryProxy(to)];
        for (const address of [from, to, source.address, target.address]) await promotion.login(address, CREDENTIALS);
        old = await promotion.samples.image(`${kind} old`);
      });
      beforeEach(async () => {
        count += 1;
        elsewhere = await startRegistryProxy(to);
        source.decide = target.decide = () => 'pass';
        image = await promotion.samples.image(`${kind} ${count}`);
        await promotion.given(image, `${from}/team/app:v${count}`);
        await promotion.given(old, `${to}/prod/app:stable`);
      });
      /** Whatever came of it: that host has nothing that opens anything. */
      afterEach(async () => {
        await elsewhere.stop();
        for (const { headers, path: asked } of elsewhere.log) {
          expect(headers).not.to.have.any.keys('authorization', 'cookie', 'proxy-authorization');
          expect(asked).not.to.match(/planted|eyJ/);
        }
      });
      after(async () => {
        await source.stop();
        await target.stop();
      });

      const copy = (): Promise<Outcome> =>
        promotion.push(`${source.address}/team/app:v${count}`, `${target.address}/prod/app:stable`);
      const isBlobGet = ({ method, path: asked }: Asked) => method === 'GET' && asked.includes('/blobs/');
      const there = ({ path: asked }: Asked) => ({
        status: 307,
        headers: { location: `http://${elsewhere.address}${asked}` },
      });
      const isOld = async (): Promise<void> =>
        void expect(await promotion.digest(`${to}/prod/app:stable`)).to.equal(old.digest);

      it('reads blobs there, without the password', async () => {
        const blobs = new Map<string, Buffer>();
        for (const digest of [...image.layers, await configOf(image)]) blobs.set(digest, await blobOf(image, digest));
        source.decide = (asked) => (isBlobGet(asked) ? there(asked) : 'pass');
        elsewhere.decide = ({ path: asked }) => {
          const body = blobs.get(path.basename(asked));
          return body === undefined ? { status: 404 } : { status: 200, headers: {}, body };
        };
        expect((await copy()).exitCode).to.equal(0);
        await promotion.judge(`${to}/prod/app:stable`, image);
      });

      for (const challenge of ['Basic realm="here"', 'Bearer realm="https://here.example/token"']) {
        it(`does not answer there what asks for ${challenge.split(' ')[0]!}`, async () => {
          source.decide = (asked) => (isBlobGet(asked) ? there(asked) : 'pass');
          elsewhere.decide = () => ({ status: 401, headers: { 'www-authenticate': challenge } });
          expect((await copy()).exitCode).to.equal(3);
          expect(elsewhere.log).not.to.have.length(0);
          await isOld();
        });
      }

      for (const [what, isIt] of Object.entries(WRITES)) {
        it(`names no tag where ${what} went there`, async () => {
          target.decide = (asked) => (isIt(asked) ? there(asked) : 'pass');
          elsewhere.decide = taking;
          const { exitCode, stderr } = await copy();
          expect(exitCode, stderr).to.equal(5);
          await isOld();
        });
      }

      it('sends blobs there without the password, where an upload is said to go on there', async () => {
        target.decide = ({ method, path: asked }) =>
          method === 'POST'
            ? { status: 202, headers: { location: `http://${elsewhere.address}${asked}upload` }, body: '' }
            : 'pass';
        elsewhere.decide = taking;
        expect((await copy()).exitCode).to.equal(5);
        expect(elsewhere.log.filter(({ method }) => method === 'PUT')).not.to.have.length(0);
        await isOld();
      });
    });
  }
});

/** Says yes to everything, as somebody would who wants to see more. */
function taking({ method, path: asked }: Asked): { status: number; headers: Record<string, string>; body: string } {
  const status = { HEAD: 200, POST: 202 }[method] ?? 201;
  return { status, headers: method === 'POST' ? { location: `${asked}upload` } : {}, body: '' };
}

function blobOf({ layout }: SampleImage, digest: string): Promise<Buffer> {
  return readFile(path.join(layout, 'blobs', digest.replace(':', '/')));
}

async function configOf(image: SampleImage): Promise<string> {
  const manifest = JSON.parse((await blobOf(image, image.digest)).toString()) as { config: { digest: string } };
  return manifest.config.digest;
}
