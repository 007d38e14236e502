import { expect } from 'chai';

import type { Outcome } from '../support/command.js';
import { startRegistryProxy, type Asked, type Fault, type RegistryProxy } from '../support/registry-proxy.js';
import { Promotion } from '../support/registries/promotion.js';
import { CREDENTIALS, Registries } from '../support/registries/registries.js';
import type { SampleImage } from '../support/registries/sample-images.js';

/** More than one chunk of those in which kdeploy sends where it must. */
const LAYER_BYTES = 6_000_000;

type Kind = (asked: Asked) => boolean;
const isBlobHead: Kind = ({ method, path }) => method === 'HEAD' && path.includes('/blobs/');
const isUploadStart: Kind = ({ method }) => method === 'POST';
const isBlobPut: Kind = ({ method, path }) => method === 'PUT' && path.includes('/uploads/');
const isLayerPut: Kind = (asked) => isBlobPut(asked) && Number(asked.headers['content-length']) > LAYER_BYTES / 2;
const isPatch: Kind = ({ method }) => method === 'PATCH';
const isManifestPut: Kind = ({ method, path }) => method === 'PUT' && path.includes('/manifests/');
const isManifestRead: Kind = ({ method, path }) => method !== 'PUT' && path.includes('/manifests/');

/** The first so many requests of a kind fail; all others pass. */
function failing(kind: Kind, fault: Fault, times = Number.POSITIVE_INFINITY): (asked: Asked) => Fault {
  let left = times;
  return (asked) => (kind(asked) && left-- > 0 ? fault : 'pass');
}

function inTurn(...deciders: readonly ((asked: Asked) => Fault)[]): (asked: Asked) => Fault {
  return (asked) => deciders.map((decide) => decide(asked)).find((fault) => fault !== 'pass') ?? 'pass';
}

describe('a copy between real registries that fail', () => {
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

  for (const kind of ['docker-registry 2.8', 'distribution v3', 'crane'] as const) {
    describe(kind, () => {
      /** The registries themselves. */
      let from: string;
      let to: string;
      let source: RegistryProxy;
      let target: RegistryProxy;
      let image: SampleImage;
      let old: SampleImage;
      let count = 0;
      const isLayerGet: Kind = ({ method, path }) =>
        method === 'GET' && image.layers.some((digest) => path.endsWith(`/blobs/${digest}`));

      before(async () => {
        [from, to] = [await sources.address(kind), await targets.address(kind)];
        [source, target] = [await startRegistryProxy(from), await startRegistryProxy(to)];
        for (const address of [from, to, source.address, target.address]) await promotion.login(address, CREDENTIALS);
        old = await promotion.samples.image(`${kind} old`);
      });
      beforeEach(async () => {
        count += 1;
        source.decide = target.decide = () => 'pass';
        image = await promotion.samples.image(`${kind} ${count}`, LAYER_BYTES);
        await promotion.given(image, `${from}/team/app:v${count}`);
        await promotion.given(old, `${to}/prod/app-${count}:stable`);
      });
      after(async () => {
        await source.stop();
        await target.stop();
      });

      const copy = (): Promise<Outcome> =>
        promotion.push(`${source.address}/team/app:v${count}`, `${target.address}/prod/app-${count}:stable`);
      /** The image arrives all the same. */
      const arrives = async (): Promise<void> => {
        const { exitCode, stderr } = await copy();
        expect(exitCode, stderr).to.equal(0);
        await promotion.judge(`${to}/prod/app-${count}:stable`, image);
      };
      /** It does not, which is said in time, and the tag names what it named. */
      const fails = async (exitCode: number, reason: string): Promise<void> => {
        const outcome = await copy();
        expect(outcome.exitCode, outcome.stderr).to.equal(exitCode);
        expect(outcome.stderr).to.contain(reason);
        expect(await promotion.digest(`${to}/prod/app-${count}:stable`)).to.equal(old.digest);
      };
      const faults = (proxy: RegistryProxy): number => proxy.log.filter(({ fault }) => fault !== 'pass').length;

      it('goes on after one 500 of each kind', async () => {
        const kinds = [isBlobHead, isUploadStart, isBlobPut, isManifestPut, isManifestRead];
        target.decide = inTurn(...kinds.map((each) => failing(each, { status: 500 }, 1)));
        source.decide = inTurn(...[isManifestRead, isLayerGet].map((each) => failing(each, { status: 500 }, 1)));
        await arrives();
        expect(faults(target)).to.be.at.least(kinds.length);
        expect(faults(source)).to.be.at.least(2);
      });

      it('gives up where a blob gets nothing but 500', async () => {
        target.decide = failing(isBlobPut, { status: 500 });
        await fails(5, 'did not take a layer');
      });

      it('gives up where the manifest gets nothing but 500', async () => {
        target.decide = failing(isManifestPut, { status: 500 });
        await fails(5, 'refused the manifest');
      });

      it('waits as long as a 429 asks for', async () => {
        const begin = performance.now();
        target.decide = failing(isBlobPut, { status: 429, headers: { 'Retry-After': '3' } }, 1);
        await arrives();
        expect(performance.now() - begin).to.be.above(3000);
      });

      it('does not wait where a 429 asks for an hour', async () => {
        const begin = performance.now();
        target.decide = failing(isBlobPut, { status: 429, headers: { 'Retry-After': '3600' } });
        await fails(5, 'did not take a layer');
        source.decide = failing(isManifestRead, { status: 429, headers: { 'Retry-After': '3600' } });
        await fails(3, 'it asks to wait 3600 s');
        expect(performance.now() - begin).to.be.below(30_000);
      });

      it('goes on with an upload that was reset in its middle', async () => {
        target.decide = failing(isLayerPut, { cutAfter: 3_000_000 }, 1);
        await arrives();
        expect(target.log.filter(isPatch)).not.to.have.length(0);
      });

      it('goes on with chunks that were reset in their middle', async () => {
        target.decide = inTurn(failing(isLayerPut, { status: 413 }, 1), failing(isPatch, { cutAfter: 2_000_000 }, 1));
        await arrives();
      });

      it('gives up where every upload is reset', async () => {
        target.decide = failing((asked) => isBlobPut(asked) || isPatch(asked), { cutAfter: 0 });
        await fails(3, 'connection');
      });

      it('goes on with a download that breaks off again and again, as long as it moves', async () => {
        source.decide = failing(isLayerGet, { truncateAfter: 1_000_000 });
        await arrives();
        expect(faults(source)).to.be.at.least(LAYER_BYTES / 1_000_000);
      });

      it('gives up where a download does not move', async () => {
        source.decide = failing(isLayerGet, { truncateAfter: 0 });
        await fails(3, 'connection');
      });

      it('never gives on a blob with another byte in it', async () => {
        source.decide = failing(isLayerGet, { corruptAt: 100 });
        await fails(3, 'corrupted');
      });

      it('never gives on a manifest with another byte in it', async () => {
        source.decide = failing(isManifestRead, { corruptAt: 20 });
        await fails(3, 'corrupted');
      });

      // The one of crane does not cancel an upload, so it cannot be made to lose one.
      if (kind === 'crane') return;

      it('goes on where the registry was restarted, and knows nothing of an upload', async () => {
        target.decide = failing(isLayerPut, 'forget', 1);
        await arrives();
        expect(faults(target)).to.be.at.least(1);
      });

      it('goes on where it knows nothing of an upload in chunks', async () => {
        target.decide = inTurn(failing(isLayerPut, { status: 413 }, 1), failing(isPatch, 'forget', 1));
        const before = faults(target);
        await arrives();
        expect(faults(target)).to.equal(before + 2);
      });

      it('gives up where it forgets every upload', async () => {
        target.decide = failing((asked) => isBlobPut(asked) || isPatch(asked), 'forget');
        await fails(5, 'did not take a layer');
      });
    });
  }
});
