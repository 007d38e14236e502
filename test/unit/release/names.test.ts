import { expect } from 'chai';
import { askNpm, askPypi, judgeName, type NameAnswer } from '../../../scripts/release/names.js';
import { FakeServer } from '../../support/fake-server.js';

describe('the name of the package in a registry', () => {
  const repository = 'git+https://git.example.com/acme/kdeploy.git';
  const judge = (answer: Parameters<typeof judgeName>[1], isPublished: boolean) =>
    judgeName('PyPI', answer, { repository, isPublished });

  it('is the project’s where it leads to its repository, however that is written', () => {
    for (const link of [
      repository,
      'https://git.example.com/acme/kdeploy',
      'https://Git.example.com/acme/kdeploy/#readme',
    ]) {
      expect(judge({ links: ['https://docs.example.com', link] }, true).problems, link).to.deep.equal([]);
    }
  });

  it('is somebody else’s where it leads elsewhere, or nowhere: nothing may install it', () => {
    for (const links of [[], ['https://git.example.com/acme/kdeploy-2'], ['https://evil.example.com/acme/kdeploy']]) {
      expect(judge({ links }, false).problems.join()).to.contain('belongs to somebody else');
    }
    const unknown = judgeName('PyPI', { links: [repository] }, { repository: undefined, isPublished: false });
    expect(unknown.problems).to.have.lengthOf(1);
  });

  it('is anybody’s where nobody has it, so generated files must not install it', () => {
    expect(judge('free', false)).to.deep.include({ problems: [] });
    expect(judge('free', false).notes.join()).to.contain('anybody may take it');
    expect(judge('free', true).problems.join()).to.contain('IS_PUBLISHED');
  });

  it('is not known where the registry cannot be asked, which stops a release whose files rely on it', () => {
    expect(judge(undefined, false)).to.deep.equal({
      problems: [],
      notes: ['PyPI could not be asked who has the name kdeploy'],
    });
    expect(judge(undefined, true).problems).to.have.lengthOf(1);
  });
});

describe('asking a registry who has the name of the package', () => {
  const OURS = 'https://github.com/acme/kdeploy';
  const THEIRS = 'https://github.com/mallory/kdeploy';
  /** What the server has, by path: JSON, or a status. */
  let answers: Record<string, object | number>;
  let server: FakeServer;
  let url: string;

  before(async () => {
    server = await FakeServer.start(({ url: path }) => {
      const answer = answers[path] ?? 404;
      return typeof answer === 'number' ? { status: answer, body: '<html>' } : { body: answer };
    });
    url = server.url;
  });
  after(() => server.stop());
  beforeEach(() => (answers = {}));

  const wheel = 'kdeploy-0.2.0-py3-none-any.whl';
  const onPypi = (links: object | null, publisher?: object): void => {
    answers['/pypi/kdeploy/json'] = { info: { version: '0.2.0', project_urls: links }, urls: [{ filename: wheel }] };
    if (publisher !== undefined)
      answers[`/integrity/kdeploy/0.2.0/${wheel}/provenance`] = { version: 1, attestation_bundles: [{ publisher }] };
  };
  const onNpm = (manifest: object, repository?: string): void => {
    const attestations = { url: `${url}/-/npm/v1/attestations/kdeploy@0.2.0` };
    const dist = repository === undefined ? {} : { attestations };
    answers['/kdeploy'] = {
      'dist-tags': { latest: '0.2.0' },
      versions: { '0.1.0': {}, '0.2.0': { ...manifest, dist } },
    };
    const statement = { predicate: { buildDefinition: { externalParameters: { workflow: { repository } } } } };
    const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
    answers['/-/npm/v1/attestations/kdeploy@0.2.0'] = {
      attestations: [
        { predicateType: 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1', bundle: {} },
        { predicateType: 'https://slsa.dev/provenance/v1', bundle: { dsseEnvelope: { payload } } },
      ],
    };
  };
  const verdict = (answer: NameAnswer) => judgeName('R', answer, { repository: `git+${OURS}.git`, isPublished: true });

  it('finds that nobody has it', async () => {
    expect([await askNpm(url), await askPypi(url)]).to.deep.equal(['free', 'free']);
  });

  it('finds that it is the project’s: by what the registry has verified, else by its links', async () => {
    onNpm({ repository: { url: `git+${OURS}.git` }, homepage: 'https://x.example.com' }, OURS);
    onPypi({ Source: OURS }, { kind: 'GitHub', repository: 'acme/kdeploy', workflow: 'release.yml' });
    const asked = [await askNpm(url), await askPypi(url)];
    expect(asked).to.deep.equal([
      { links: [`git+${OURS}.git`, 'https://x.example.com'], publisher: OURS },
      { links: [OURS], publisher: OURS },
    ]);
    for (const answer of asked)
      expect(verdict(answer)).to.deep.equal({ problems: [], notes: ["kdeploy on R is this project's"] });

    onNpm({ repository: { url: OURS } });
    answers = { '/kdeploy': answers['/kdeploy'] ?? 404 };
    onPypi({ Source: OURS });
    for (const answer of [await askNpm(url), await askPypi(url)]) {
      expect(verdict(answer).problems).to.deep.equal([]);
      expect(verdict(answer).notes.join()).to.contain('by its links alone');
    }
  });

  it('finds that it is somebody else’s, who may link to this repository all the same', async () => {
    onNpm({ repository: { url: OURS } }, THEIRS);
    onPypi({ Source: OURS }, { kind: 'GitHub', repository: 'mallory/kdeploy' });
    for (const answer of [await askNpm(url), await askPypi(url)])
      expect(verdict(answer).problems.join()).to.contain(`was published by ${THEIRS}; it belongs to somebody else`);

    onNpm({ repository: { url: THEIRS } });
    onPypi({ Homepage: THEIRS }, { kind: 'GitHub', repository: 'acme/kdeploy' });
    onPypi({ Homepage: THEIRS });
    for (const answer of [await askNpm(url), await askPypi(url)])
      expect(verdict(answer).problems.join()).to.contain('belongs to somebody else');
  });

  it('finds that it is somebody else’s where it leads nowhere, or nothing of it is left', async () => {
    onPypi(null);
    answers['/kdeploy'] = { name: 'kdeploy', time: { unpublished: {} } };
    for (const answer of [await askNpm(url), await askPypi(url)]) {
      expect(answer).to.deep.equal({ links: [], publisher: undefined });
      expect(verdict(answer).problems.join()).to.contain('belongs to somebody else');
    }
  });

  it('does not take a registry that is down, or something in between, for a free name', async () => {
    const answersOf = async () => [await askNpm(url), await askPypi(url)];
    for (const status of [401, 403, 429, 500, 503]) {
      answers = { '/kdeploy': status, '/pypi/kdeploy/json': status };
      expect(await answersOf(), String(status)).to.deep.equal([undefined, undefined]);
    }
    // A page of a proxy, with success.
    answers = { '/kdeploy': 200, '/pypi/kdeploy/json': 200 };
    expect(await answersOf()).to.deep.equal([undefined, undefined]);
    // What would prove it cannot be had: then nothing is known.
    onPypi({ Source: OURS });
    answers[`/integrity/kdeploy/0.2.0/${wheel}/provenance`] = 503;
    expect(await askPypi(url)).to.equal(undefined);
    const gone = await FakeServer.start();
    await gone.stop();
    expect([await askNpm(gone.url), await askPypi(gone.url)]).to.deep.equal([undefined, undefined]);
  });
});
