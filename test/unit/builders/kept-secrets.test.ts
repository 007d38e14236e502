import { expect } from 'chai';
import fc from 'fast-check';
import type { BuildArgument } from '../../../src/builders/builder.js';
import { looksSecret, refuseKeptSecrets } from '../../../src/builders/kept-secrets.js';
import type { EngineImage, EngineImages, ImageHistoryEntry } from '../../../src/places/engine/images.js';
import { rejection } from '../../support/rejection.js';
import { everythingIn } from '../places/registry/refusal.js';

const SECRET = 'hunter2-of-the-index';

function image(configuration: Partial<EngineImage['configuration']> = {}): EngineImage {
  return {
    id: 'sha256:a',
    configuration: {
      env: ['PATH=/bin'],
      entrypoint: [],
      cmd: ['kedro', 'run'],
      workingDirectory: '/',
      user: '',
      labels: {},
      ...configuration,
    },
    platform: 'linux/amd64',
    layers: [],
    volumes: [],
    size: 0,
    tags: [],
    repoDigests: [],
    created: '',
  };
}

function historyOf(...createdBy: string[]): Pick<EngineImages, 'history'> & { asked: number } {
  const images = {
    asked: 0,
    history: (): Promise<ImageHistoryEntry[]> => {
      images.asked++;
      return Promise.resolve(createdBy.map((text) => ({ createdBy: text, size: 1 })));
    },
  };
  return images satisfies Pick<EngineImages, 'history'>;
}

describe('a build argument that looks like a secret', () => {
  const cases: readonly [name: string, value: string, secret: boolean][] = [
    ['PIP_PASSWORD', 'x', true],
    ['pip_passwd', 'x', true],
    ['NPM_TOKEN', 'x', true],
    ['TOKENS', 'x', true],
    ['githubToken', 'x', true],
    ['API_KEY', 'x', true],
    ['APIKEY', 'x', true],
    ['AWS_SECRET_ACCESS_KEY', 'x', true],
    ['SSH_PRIVATE_KEY', 'x', true],
    ['PIP_INDEX_URL', 'https://me:pw@index.example.com/simple', true],
    ['PIP_INDEX_URL', 'https://token@index.example.com/simple', true],
    ['DATABASE', 'postgresql+psycopg2://me:pw@db/x', true],
    ['NPM_TOKEN', '', false],
    ['PIP_INDEX_URL', 'https://index.example.com/simple', false],
    ['PIP_INDEX_URL', 'https://index.example.com/@scope/simple', false],
    ['TOKENIZERS_PARALLELISM', 'false', false],
    ['MAX_TOKENIZED', '3', false],
    ['PYTHON_VERSION', '3.11', false],
    ['KEYBOARD', 'x', false],
    ['AUTHOR', 'me@example.com', false],
  ];
  for (const [name, value, secret] of cases) {
    it(`is ${secret ? '' : 'not '}${name}=${value}`, () => {
      expect(looksSecret({ name, value })).to.equal(secret);
    });
  }
});

describe('an image that keeps a secret', () => {
  const arguments_: readonly BuildArgument[] = [
    { name: 'PIP_TOKEN', value: SECRET },
    { name: 'KEDRO_VERSION', value: '1.0.0' },
  ];

  const places: readonly [where: string, history: string[], configuration: Partial<EngineImage['configuration']>][] = [
    ['the history of BuildKit', [`RUN |1 PIP_TOKEN=${SECRET} /bin/sh -c pip install # buildkit`], {}],
    ['the history of the classic builder', [`|1 PIP_TOKEN=${SECRET} /bin/sh -c pip install`], {}],
    ['an older layer of the history', ['COPY . .', `ENV X=${SECRET}`], {}],
    ['a variable', [], { env: [`INDEX=https://me:${SECRET}@host`] }],
    ['the entrypoint', [], { entrypoint: ['serve', SECRET] }],
    ['the command', [], { cmd: [`--token=${SECRET}`] }],
    ['a label', [], { labels: { build: SECRET } }],
  ];
  for (const [where, history, configuration] of places) {
    it(`in ${where} is refused, by the argument’s name and without its value`, async () => {
      const error = await rejection(refuseKeptSecrets(historyOf(...history), image(configuration), arguments_));
      expect([error.code, error.message]).to.deep.equal([
        'build-failed',
        'the image keeps the value of the build argument PIP_TOKEN in its history, where anyone who can pull the image can read it',
      ]);
      expect(error.hint).to.contain('RUN --mount=type=secret');
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }

  it('is no image that holds the values of plain arguments', async () => {
    await refuseKeptSecrets(historyOf('RUN |1 KEDRO_VERSION=1.0.0'), image(), arguments_);
  });

  it('is not looked for where no argument looks like a secret', async () => {
    const images = historyOf('KEDRO_VERSION=1.0.0');
    await refuseKeptSecrets(images, image(), arguments_.slice(1));
    expect(images.asked).to.equal(0);
  });

  it('names every argument that it keeps', async () => {
    const all = [...arguments_, { name: 'NPM_TOKEN', value: 'hunter2-npm' }];
    const error = await rejection(refuseKeptSecrets(historyOf(`${SECRET} hunter2-npm`), image(), all));
    expect(error.message).to.contain('PIP_TOKEN, NPM_TOKEN');
  });

  it('is refused whatever the secret is and wherever in the history it stands, and never says it', async () => {
    // Longer than any word of the message itself. An address is a secret only if there is one in it.
    const secret = fc.stringMatching(/^[A-Z0-9$\\"'/@:~ ]{12,40}$/).filter((value) => !value.includes('://'));
    await fc.assert(
      fc.asyncProperty(secret, fc.array(fc.string()), fc.nat(9), async (value, others, at) => {
        const history = [...others.slice(0, at), `RUN |1 A_TOKEN=${value} make`, ...others.slice(at)];
        const error = await rejection(refuseKeptSecrets(historyOf(...history), image(), [{ name: 'A_TOKEN', value }]));
        expect(everythingIn(error)).not.to.contain(value);
      }),
    );
  });
});
