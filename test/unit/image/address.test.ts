import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import { formatImageAddress, parseImageAddress } from '../../../src/image/address.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function refusal(text: string): KdeployError {
  try {
    parseImageAddress(text);
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error(`${text} was read`);
}

describe('the address of an image', () => {
  const files: readonly [string, object][] = [
    ['oci:dist', { place: 'layout', path: 'dist' }],
    ['oci:./a/dist:v1', { place: 'layout', path: './a/dist', name: 'v1' }],
    [`oci:dist@${DIGEST}`, { place: 'layout', path: 'dist', name: DIGEST }],
    [`oci:dist:v1@${DIGEST}`, { place: 'layout', path: 'dist', name: DIGEST }],
    ['oci:dist:docker.io/library/app:v1', { place: 'layout', path: 'dist', name: 'docker.io/library/app:v1' }],
    ['oci:/srv/team@acme/dist:v1', { place: 'layout', path: '/srv/team@acme/dist', name: 'v1' }],
    ['oci:C:\\images\\dist:v1', { place: 'layout', path: 'C:\\images\\dist', name: 'v1' }],
    ['oci-archive:app.tar', { place: 'layout', path: 'app.tar' }],
    ['oci-archive:app.tar:v1', { place: 'layout', path: 'app.tar', name: 'v1' }],
    ['docker-archive:app.tar', { place: 'archive', path: 'app.tar' }],
    [
      'docker-archive:app.tar:registry.example.com:5000/app:v1',
      { place: 'archive', path: 'app.tar', name: 'registry.example.com:5000/app:v1' },
    ],
  ];
  for (const [text, address] of files)
    it(`is in a file for ${text.replace(DIGEST, 'sha256:…')}`, () => {
      expect(parseImageAddress(text)).to.deep.equal(address);
    });

  it('is in a registry where skopeo would look there', () => {
    expect(formatImageAddress(parseImageAddress('docker://registry.example.com/app:v1'))).to.equal(
      'docker://registry.example.com/app:v1',
    );
    expect(parseImageAddress('docker://app').place).to.equal('registry');
  });

  it('is anywhere for a name, at latest where it says nothing else', () => {
    for (const [text, full] of [
      ['team/app', 'team/app:latest'],
      ['docker:dind', 'docker:dind'],
      [`app@${DIGEST}`, `app@${DIGEST}`],
    ] as const) {
      const address = parseImageAddress(text);
      expect(address.place).to.equal('anywhere');
      expect(formatImageAddress(address)).to.equal(full);
    }
  });

  const refused: readonly [string, RegExp, RegExp][] = [
    ['oci:', /names no path/, /oci:FOLDER/],
    ['oci-archive::v1', /names no path/, /oci-archive:FILE/],
    ['docker-archive:', /names no path/, /docker-archive:FILE/],
    ['oci:dist:', /without a name/, /oci:FOLDER:TAG/],
    ['OCI:dist', /capital letters/, /write oci: in lower case/],
    ['Docker-Archive:app.tar', /capital letters/, /write docker-archive: in/],
    ['Docker://app', /capital letters/, /write docker:\/\/ in/],
    ['oci://registry.example.com/app', /no path after oci:/, /docker:\/\//],
    ['oci:dist@sha256:abc', /not a digest/, /64 hexadecimal/],
    ['oci-layout:dist', /reads no images from/, /oci:FOLDER/],
    ['docker-daemon:app:v1', /reads no images from/, /without a prefix/],
    ['containers-storage:app', /reads no images from/, /podman save/],
    ['./dist', /is a path/, /oci:FOLDER/],
    ['/srv/app.tar', /is a path/, /docker-archive:FILE/],
    ['https://registry.example.com/app', /starts with a protocol/, /./],
    ['', /is empty/, /./],
  ];
  for (const [text, message, hint] of refused)
    it(`is not ${JSON.stringify(text)}`, () => {
      const failure = refusal(text);
      expect(failure.code).to.equal('usage');
      expect(failure.message).to.match(message);
      expect(failure.hint).to.match(hint);
    });

  it('reads back as it is written', () => {
    const part = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,9}$/);
    const name = fc.option(fc.oneof(part, fc.constant(DIGEST)), { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom('layout' as const, 'archive' as const),
        fc.array(part, { minLength: 1 }),
        name,
        (place, parts, wanted) => {
          const address = { place, path: parts.join('/'), ...(wanted !== undefined && { name: wanted }) };
          expect(parseImageAddress(formatImageAddress(address))).to.deep.equal(address);
        },
      ),
    );
  });

  it('is an address or a usage error for any text, never a crash', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'oci:', 'oci-archive:', 'docker-archive:', 'docker://'),
        fc.string(),
        (prefix, text) => {
          try {
            parseImageAddress(prefix + text);
          } catch (error) {
            expect(error).to.be.instanceOf(KdeployError).with.property('code', 'usage');
          }
        },
      ),
    );
  });
});
