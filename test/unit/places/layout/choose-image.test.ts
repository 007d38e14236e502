import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../../src/errors.js';
import { digestOf } from '../../../../src/image/digest.js';
import { chooseImage } from '../../../../src/places/layout/choose-image.js';

const place = { what: 'oci:dist:asked', path: 'dist' };
const image = (...names: readonly string[]) => ({ digest: digestOf(names.join()), names });

describe('the image that is meant', () => {
  it('is the one whose name is written so, before one that is called so in another way', () => {
    const [whole, short] = [image('docker.io/library/app:v1'), image('app:v1')];
    expect(chooseImage([whole, short], 'app:v1', place)).to.equal(short);
    expect(chooseImage([whole, short], 'docker.io/library/app:v1', place)).to.equal(whole);
    expect(() => chooseImage([whole, short], 'index.docker.io/app:v1', place)).to.throw('stands for several images');
    expect(() => chooseImage([whole, short], 'v1', place)).to.throw('stands for several images');
  });

  it('is not one that is only called as a tag is', () => {
    expect(() => chooseImage([image('v1')], 'latest', place)).to.throw('there is no oci:dist:asked; dist has v1');
  });

  it('may have a name that is no reference', () => {
    const odd = image('My Image!');
    expect(chooseImage([odd, image('v1')], 'My Image!', place)).to.equal(odd);
  });

  it('is none for a digest that none has', () => {
    expect(chooseImage([image('v1')], digestOf('x'), place)).to.equal(undefined);
  });

  it('is found, or refused with a sentence, whatever the names are', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string())), fc.option(fc.string(), { nil: undefined }), (names, wanted) => {
        try {
          chooseImage(
            names.map((each) => image(...each)),
            wanted,
            place,
          );
        } catch (error) {
          expect(error).to.be.instanceOf(KdeployError);
        }
      }),
    );
  });
});
