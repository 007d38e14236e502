import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import {
  canonicalRegistry,
  ImageReference,
  parseReference,
  parseRepositoryName,
  parseTag,
} from '../../../src/image/reference.js';

const HEX = 'f'.repeat(64);

describe('an image reference', () => {
  // text, registry, repository, tag, digest
  const readable: [string, string, string, (string | undefined)?, string?][] = [
    ['python', 'docker.io', 'library/python'],
    ['python:3.11-slim', 'docker.io', 'library/python', '3.11-slim'],
    ['a/b', 'docker.io', 'a/b'],
    ['localhost/b', 'localhost', 'b'],
    ['localhosts/b', 'docker.io', 'localhosts/b'],
    ['a.b/c', 'a.b', 'c'],
    ['a:5000/b', 'a:5000', 'b'],
    ['a:5000', 'docker.io', 'library/a', '5000'],
    ['localhost:5000', 'docker.io', 'library/localhost', '5000'],
    ['127.0.0.1:5000/x:v1', '127.0.0.1:5000', 'x', 'v1'],
    ['registry.example.co/x', 'registry.example.co', 'x'],
    ['registry.example.com/x', 'registry.example.com', 'x'],
    ['Registry.Example.com/x', 'registry.example.com', 'x'],
    ['docker.io/python', 'docker.io', 'library/python'],
    ['index.docker.io/python', 'docker.io', 'library/python'],
    ['registry-1.docker.io/acme/x', 'docker.io', 'acme/x'],
    ['mydocker.io/x', 'mydocker.io', 'x'],
    ['docker.io.example.com/x', 'docker.io.example.com', 'x'],
    ['europe-docker.pkg.dev/acme/ml/spaceflights:a_b', 'europe-docker.pkg.dev', 'acme/ml/spaceflights', 'a_b'],
    ['[::1]:5000/x', '[::1]:5000', 'x'],
    ['a/b__c/d---e.f_g', 'docker.io', 'a/b__c/d---e.f_g'],
    ['lowercase:Uppercase', 'docker.io', 'library/lowercase', 'Uppercase'],
    [`a.b/c@sha256:${HEX}`, 'a.b', 'c', undefined, `sha256:${HEX}`],
    [`a.b:5000/c:v1@sha256:${HEX}`, 'a.b:5000', 'c', 'v1', `sha256:${HEX}`],
    [`a.b/c:${'t'.repeat(128)}`, 'a.b', 'c', 't'.repeat(128)],
    [`a.b/${'c'.repeat(251)}`, 'a.b', 'c'.repeat(251)],
  ];

  for (const [text, registry, repository, tag, digest] of readable) {
    it(`reads ${text.slice(0, 60)}`, () => {
      expect(parseReference(text)).to.include({ registry, repository, tag, digest });
    });
  }

  const unreadable: [string, RegExp][] = [
    ['', /empty/],
    [' a/b', /white space/],
    ['a/b ', /white space/],
    ['a b', /white space/],
    ['a/b\n', /white space/],
    ['https://a.b/c', /protocol/],
    ['a/b:', /ends with a colon, without a tag/],
    ['a.b:/c', /not a host name/],
    ['a.b:x/c', /not a host name/],
    ['a.b:70000/c', /ports range from 1 to 65535/],
    ['a.b:0/c', /ports range from 1 to 65535/],
    ['-a.b/c', /not a host name/],
    ['[fe80::1%eth0]:5000/c', /not a host name/],
    ['a.b/', /no repository/],
    ['/a', /empty part/],
    ['a//b', /empty part/],
    ['a/b/', /empty part/],
    [':justtag', /no repository/],
    ['Acme/app', /capital letters/],
    ['a.b/Acme/app:v1', /capital letters/],
    ['Uppercase:tag', /capital letters/],
    ['aa/asdf$$^/aa', /"asdf\$\$\^"/],
    ['a/b..c', /"b\.\.c"/],
    ['a/b___c', /"b___c"/],
    ['a/-b', /"-b"/],
    ['a/b-', /"b-"/],
    [`a.b/c:${'t'.repeat(129)}`, /129 characters; 128/],
    ['a.b/c:.v1', /is not allowed/],
    ['a.b/c:-v1', /is not allowed/],
    ['a.b/c:v1+dirty', /is not allowed/],
    [`a.b/${'c'.repeat(252)}`, /longer than 255/],
    ['a.b/c@', /@ that is not followed by a digest/],
    ['a.b/c@v1', /@ that is not followed by a digest/],
    ['a.b/c@sha256:ffff', /needs 64 hexadecimal digits/],
    [`a.b/c@md5:${HEX}`, /neither sha256 nor sha512/],
    [`a.b/c@xsha256:${HEX}`, /@ that is not followed by a digest/],
    [`a.b/c@sha256:${HEX}:v1`, /@ that is not followed by a digest/],
    [`a.b/c@sha256:${HEX.toUpperCase()}`, /only 0-9 and a-f/],
    [HEX, /image ID/],
  ];

  for (const [text, message] of unreadable) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))} with a sentence and an example`, () => {
      const error = refusal(() => parseReference(text));
      expect(error.code).to.equal('usage');
      expect(error.message).to.match(message);
      expect(error.hint).to.be.a('string');
    });
  }

  it('takes the lowest and the highest port', () => {
    for (const port of ['1', '65535']) expect(parseReference(`a.b:${port}/c`).registry).to.equal(`a.b:${port}`);
  });

  it('suggests the name in lower case', () => {
    expect(refusal(() => parseReference('Registry.Example.com/Acme/App:V1')).hint).to.equal(
      'use registry.example.com/acme/app',
    );
    expect(refusal(() => parseReference('Spaceflights')).hint).to.equal('use spaceflights');
  });

  it('never repeats a password that was written into the name', () => {
    for (const text of [
      'me:hunter2-pw@registry.example.com/app',
      'https://me:hunter2-pw@registry.example.com/app',
      'me:hunter2-pw@registry.example.com:5000/app:v1',
      'me:hunter2-pw@registry',
      'me:hunter2-pw@registry:5000',
      'me:hunter2+pw@registry:5000',
      'me:hunter2 -pw@registry.example.com/app',
    ]) {
      const error = refusal(() => parseReference(text));
      expect(`${error.message} ${error.hint ?? ''}`).not.to.contain('hunter2');
    }
  });

  it('keeps a message short, however long the text', () => {
    expect(refusal(() => parseReference('A'.repeat(10_000))).message.length).to.be.lessThan(300);
  });

  it('reads in no time what would make a careless grammar backtrack', () => {
    expect(refusal(() => parseReference(`a.b/${'a-'.repeat(120)}!`)).message).to.contain('a part consists of');
  });

  const familiar: [string, string][] = [
    ['docker.io/library/python:3.11', 'python:3.11'],
    ['docker.io/acme/app:v1', 'acme/app:v1'],
    ['docker.io/library/a/b', 'library/a/b'],
    ['docker.io/localhost/app', 'docker.io/localhost/app'],
    ['docker.io/a.b/c', 'docker.io/a.b/c'],
    ['a.b/library/c', 'a.b/library/c'],
    [`docker.io/library/${HEX}`, `docker.io/library/${HEX}`],
  ];
  for (const [full, short] of familiar) {
    it(`shows ${full.slice(0, 40)} as ${short.slice(0, 40)}`, () => {
      expect(parseReference(full).toFamiliarString()).to.equal(short);
    });
  }

  it('takes another tag or digest without keeping the one that no longer holds', () => {
    const reference = parseReference(`a.b/c:v1@sha256:${HEX}`);
    expect(reference.withTag('v2').toString()).to.equal('a.b/c:v2');
    expect(reference.withDigest(`sha256:${'0'.repeat(64)}`).toString()).to.equal(`a.b/c@sha256:${'0'.repeat(64)}`);
    expect(reference.withoutTag().toString()).to.equal('a.b/c');
    expect(reference.toString()).to.equal(`a.b/c:v1@sha256:${HEX}`);
    expect(refusal(() => reference.withTag('v 2')).code).to.equal('usage');
    expect(refusal(() => reference.withDigest('latest')).code).to.equal('usage');
  });

  it('is at the tag latest where it says neither tag nor digest', () => {
    expect(parseReference('registry.example.com:5000/app').withDefaultTag().tag).to.equal('latest');
    for (const text of ['app:v1', `app@sha256:${'a'.repeat(64)}`])
      expect(parseReference(text).withDefaultTag().toFamiliarString()).to.equal(text);
  });

  it('reads back what it writes, in full and in short', () => {
    fc.assert(
      fc.property(references, (text) => {
        const reference = parseReference(text);
        expect(parseReference(reference.toString())).to.deep.equal(reference);
        expect(parseReference(reference.toFamiliarString())).to.deep.equal(reference);
        expect(parseReference(reference.toString()).toString()).to.equal(reference.toString());
      }),
    );
  });

  it('answers any text with a reference or a usage error, never with a crash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        try {
          expect(parseReference(text)).to.be.instanceOf(ImageReference);
        } catch (error) {
          expect(error).to.be.instanceOf(KdeployError).with.property('code', 'usage');
        }
      }),
    );
  });
});

describe('an image name to build under', () => {
  it('has no tag in kdeploy.yml, because the tags stand beside it', () => {
    expect(parseRepositoryName('a.b/c').toString()).to.equal('a.b/c');
    const error = refusal(() => parseRepositoryName('a.b/c:v1'));
    expect(error.message).to.equal('the image name "a.b/c:v1" contains the tag "v1"');
    expect(error.code).to.equal('usage');
    expect(error.hint).to.contain('image.tags');
  });

  it('may have a tag on the command line', () => {
    expect(parseRepositoryName('a.b/c:v1', { tagAllowed: true }).tag).to.equal('v1');
    expect(parseRepositoryName('a:5000/c', { tagAllowed: true }).tag).to.equal(undefined);
  });

  it('has no digest anywhere', () => {
    const error = refusal(() => parseRepositoryName(`a.b/c@sha256:${HEX}`, { tagAllowed: true }));
    expect(error.code).to.equal('usage');
    expect(error.message).to.contain('known only after the build');
    expect(error.hint).to.equal(`remove "@sha256:${HEX.slice(0, 8)}…"`);
  });
});

describe('a tag', () => {
  it('follows the grammar of the distribution spec', () => {
    for (const tag of ['v1', '_', '0', 'A.b-c_d', '1e89f0c', 'x'.repeat(128)]) expect(parseTag(tag)).to.equal(tag);
    for (const tag of ['', '.', '-', 'feature/x', 'a:b', 'a@b', 'é', 'a\n', 'x'.repeat(129)]) {
      expect(refusal(() => parseTag(tag)).code).to.equal('usage');
    }
  });

  it('is refused for what is wrong with it', () => {
    expect(refusal(() => parseTag('')).message).to.equal('the tag is empty');
    expect(refusal(() => parseTag('a/b')).message).to.equal('the tag "a/b" contains a character that is not allowed');
    expect(refusal(() => parseTag(`/${'x'.repeat(127)}`)).message).to.contain('that is not allowed');
    expect(refusal(() => parseTag('x'.repeat(129))).message).to.contain('has 129 characters; 128 are allowed');
  });
});

describe("Docker Hub's names", () => {
  it('are compared whole', () => {
    for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io', 'Index.Docker.IO']) {
      expect(canonicalRegistry(host)).to.equal('docker.io');
    }
    for (const host of ['mydocker.io', 'docker.io.evil.com', 'registry-2.docker.io', 'index.docker.io:443']) {
      expect(canonicalRegistry(host)).to.equal(host);
    }
  });
});

const component = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,6}){0,2}$/);
const host = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{1,8}(?:\.[a-z0-9]{1,8}){1,3}$/),
  fc.constantFrom('localhost', 'index.docker.io', 'docker.io', '[::1]:5000', '10.0.0.1:8080', 'Example.COM:443'),
);
const references = fc
  .tuple(
    fc.option(host, { nil: undefined }),
    fc.array(component, { minLength: 1, maxLength: 4 }),
    fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/), { nil: undefined }),
    fc.option(fc.stringMatching(/^[a-f0-9]{64}$/), { nil: undefined }),
  )
  .map(
    ([registry, components, tag, hex]) =>
      // A first part with a period would be read as a host.
      (registry === undefined ? (components[0]?.includes('.') ? 'docker.io/' : '') : `${registry}/`) +
      components.join('/') +
      (tag === undefined ? '' : `:${tag}`) +
      (hex === undefined ? '' : `@sha256:${hex}`),
  );

function refusal(action: () => unknown): KdeployError {
  try {
    action();
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('an image', () => {
  const cases: [name: string, leaves: boolean][] = [
    ['registry.example.com/app', true],
    ['acme/app', true],
    ['docker.io/acme/app:v1', true],
    ['localhost.example.com/app', true],
    ['kind-registry:5000/app', true],
    ['localhost/app', false],
    ['localhost:5000/app', false],
    ['127.0.0.1:5000/team/app', false],
    ['[::1]:5000/app', false],
    ['app', false],
    ['docker.io/library/app', false],
  ];
  for (const [name, leaves] of cases) {
    it(`named ${name} ${leaves ? 'leaves' : 'stays on'} this machine`, () => {
      expect(parseReference(name).leavesThisMachine).to.equal(leaves);
    });
  }
});
