import { expect } from 'chai';
import { formatVerdict, type Verdict } from '../../../src/bake/verdict.js';
import type { SelfTestChoice } from '../../../src/builders/build-value.js';
import { testValue } from '../../../src/builders/test-value.js';
import { KdeployError } from '../../../src/errors.js';
import type { BakedTracking } from '../../../src/image/bake-plan.js';
import { referrerIn } from '../../../src/image/referrer.js';
import type { ImageSource } from '../../../src/image/source.js';
import { StateFolder } from '../../../src/state-folder.js';
import { selfTestReferrer } from '../../../src/supply-chain/referrer.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';
import { TRACKING } from '../bake/baked-sample.js';
import { sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';
import { RecordingProgress } from '../recording-progress.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { modelOf, projectOf, settings } from './projects.js';

const SETTINGS = 'src/flights/settings.py';
const HOOKS = 'src/flights/hooks.py';
const NODES = 'src/flights/nodes.py';
const FILES = { [SETTINGS]: 'HOOKS = ()', [NODES]: 'x = 1', 'conf/base/catalog.yml': '{}', 'pyproject.toml': '' };
const EARLIER = 'registry.example.com/app:v1';
const KNOWN = 'self-test: skipped, nothing it depends on has changed since';

interface Build {
  readonly files?: Readonly<Record<string, string>>;
  readonly choice?: SelfTestChoice;
  readonly tracking?: BakedTracking | undefined;
  readonly installed?: readonly string[];
  readonly place?: 'registry' | 'waiting';
  /** What the registry has; each counts how often it was asked. */
  readonly earlier?: readonly ImageSource[];
  readonly failure?: Error;
  readonly signal?: AbortSignal;
}

describe('the self-test of an image that is built without an engine', () => {
  let folder: TemporaryFolder;
  let machines: number;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    machines = 0;
  });
  afterEach(() => folder.remove());

  const newMachine = () => new StateFolder(folder.file(`state-${machines++}`));

  /** One build on a machine; how often it tested, and what it asked and said. */
  async function build(state: StateFolder, options: Build = {}) {
    const { files = FILES, choice = 'auto', installed = ['sha256:base'], place = 'registry', earlier = [] } = options;
    const progress = new RecordingProgress();
    let [tests, opened] = [0, 0];
    const project = projectOf('/project', memorySource(files));
    const outcome = await testValue(
      {
        ...{ selfTest: choice, model: modelOf(project, settings()), settings: settings(), state },
        place: place === 'registry' ? { kind: place, allowances: NO_ALLOWANCES } : { kind: place },
      },
      {
        made: { installed },
        plan: { digest: 'sha256:plan' },
        tracking: 'tracking' in options ? options.tracking : TRACKING,
        confSource: 'conf',
        earlier: () => {
          opened += 1;
          return Promise.resolve(earlier);
        },
      },
      () => {
        tests += 1;
        return options.failure === undefined ? Promise.resolve([SETTINGS, HOOKS]) : Promise.reject(options.failure);
      },
      progress,
      options.signal ?? new AbortController().signal,
    );
    return { ...outcome, tests, opened, said: progress.said };
  }
  const NO_ALLOWANCES = { allowUnbaked: false, allowSecrets: false, allowLostRuns: false };

  /** An image in the registry, with this verdict. */
  function imageWith(document: Verdict | Buffer): ImageSource {
    const image = sampleImage(['layer']);
    const { mediaType, digest, bytes } = image.manifest;
    const content = Buffer.isBuffer(document) ? document : formatVerdict(document);
    const { tree } = selfTestReferrer(content, { mediaType, digest, size: bytes.length }, '2026-11-02T03:04:05Z');
    const entry = referrerIn(tree.document)?.entry;
    if (entry === undefined) throw new TypeError('it refers to nothing');
    const verdict = treeSource(tree);
    return {
      ...treeSource(image, EARLIER),
      manifest: (descriptor) => verdict.manifest(descriptor),
      blob: (descriptor) => verdict.blob(descriptor),
      referrers: (of) => Promise.resolve(of === digest ? [entry] : []),
    };
  }
  /** What another machine pushed with its image. */
  async function pushed(options: Build = {}): Promise<ImageSource> {
    const { verdict } = await build(newMachine(), options);
    if (verdict === undefined) throw new TypeError('it has no verdict');
    return imageWith(verdict);
  }

  it('runs once on a machine, and is then known without asking the registry', async () => {
    const state = newMachine();
    const first = await build(state);
    expect(first).to.deep.include({ selfTest: 'passed', tests: 1, opened: 1 });
    expect(first.said).to.deep.equal([
      `note self-test: passed, logs to ${TRACKING.uri}, experiment ${TRACKING.experiment}`,
    ]);
    const second = await build(state);
    expect(second).to.deep.include({ selfTest: 'known to pass', tests: 0, opened: 0 });
    expect(second.said).to.deep.equal([`note ${KNOWN} it last passed`]);
    expect(second.verdict).to.deep.equal(first.verdict);
  });

  it('is a step of its own where nothing travels meanwhile', async () => {
    const { said } = await build(newMachine(), { place: 'waiting' });
    expect(said).to.deep.equal(['step self-test', `result logs to ${TRACKING.uri}, experiment ${TRACKING.experiment}`]);
  });

  it('does not run where an earlier image passed it, and is then known on this machine', async () => {
    const earlier = [await pushed()];
    const state = newMachine();
    const found = await build(state, { earlier });
    expect(found).to.deep.include({ selfTest: 'known to pass', tests: 0 });
    expect(found.said).to.deep.equal([`note ${KNOWN} ${EARLIER} passed it`]);
    expect(await build(state)).to.deep.include({ selfTest: 'known to pass', tests: 0, opened: 0 });
  });

  it('does not run where only a node was edited since, and the verdict travels on with the new image', async () => {
    const earlier = [await pushed()];
    const files = { ...FILES, [NODES]: 'x = 2' };
    const edited = await build(newMachine(), { earlier, files });
    expect(edited).to.deep.include({ selfTest: 'known to pass', tests: 0 });
    const next = [await pushed({ earlier, files })];
    expect(await build(newMachine(), { earlier: next })).to.deep.include({ selfTest: 'known to pass', tests: 0 });
  });

  const others: readonly [what: string, build: Build][] = [
    ['a package', { installed: ['sha256:base', 'sha256:package'] }],
    ['the configuration', { files: { ...FILES, 'conf/base/catalog.yml': '{a: b}' } }],
    ['a file that Kedro reads while it starts', { files: { ...FILES, [SETTINGS]: 'HOOKS = (1,)' } }],
    ['the presence of such a file', { files: { ...FILES, [HOOKS]: '' } }],
  ];
  for (const [what, changed] of others)
    it(`runs where ${what} is another one than that of the earlier image`, async () => {
      const earlier = [await pushed()];
      const found = await build(newMachine(), { ...changed, earlier });
      expect(found).to.deep.include({ selfTest: 'passed', tests: 1 });
    });

  for (const choice of ['always', 'container'] as const)
    it(`runs where it is told so (${choice}), whatever is known, and its verdict travels`, async () => {
      const state = newMachine();
      const earlier = [await pushed()];
      const { verdict } = await build(state);
      const again = await build(state, { choice, earlier });
      expect(again).to.deep.include({ selfTest: 'passed', tests: 1, opened: 0, verdict });
    });

  it('never runs where it is told so, which is said, and no verdict travels, known or not', async () => {
    const state = newMachine();
    await build(state);
    const earlier = [await pushed()];
    for (const machine of [state, newMachine()]) {
      const skipped = await build(machine, { choice: 'never', earlier });
      expect(skipped).to.deep.include({ selfTest: 'skipped', tests: 0, opened: 0, verdict: undefined });
      expect(skipped.said).to.deep.equal(['note self-test skipped: it is not verified that this image logs to MLflow']);
    }
  });

  it('does not run without tracking: there is nothing to find, to say, or to give to others', async () => {
    const untracked = { tracking: undefined, earlier: [await pushed()] };
    const none = { selfTest: 'skipped', tests: 0, opened: 0, said: [], verdict: undefined };
    expect(await build(newMachine(), untracked)).to.deep.equal(none);
  });

  const unreadable = (error: Error): ImageSource => ({
    ...treeSource(sampleImage(['layer']), EARLIER),
    referrers: () => Promise.reject(error),
  });
  for (const [what, source] of [
    ['is no verdict', () => imageWith(Buffer.from('<html>'))],
    ['names files elsewhere', () => imageWith(Buffer.from('{"key":"a","files":{"../settings.py":null}}'))],
    ['cannot be asked for', () => unreadable(new KdeployError('registry-unreachable', 'no answer'))],
    ['may not be read', () => unreadable(new KdeployError('credentials', 'no access'))],
  ] as const)
    it(`runs where what travels with the earlier image ${what}, and says no more than ever`, async () => {
      const { selfTest, tests, said } = await build(newMachine(), { earlier: [source()] });
      expect([selfTest, tests, said.length]).to.deep.equal(['passed', 1, 1]);
    });

  it('runs where the registry takes longer to answer than the self-test', async () => {
    const state = newMachine();
    const { verdict } = await build(newMachine());
    // As the registry's client, which ends with the signal.
    const outcome = testValue(
      {
        ...{ selfTest: 'auto', model: modelOf(projectOf('/project', memorySource(FILES)), settings()), state },
        ...{ settings: settings(), place: { kind: 'waiting' } },
      },
      {
        ...{ made: { installed: ['sha256:base'] }, plan: { digest: 'sha256:plan' }, tracking: TRACKING },
        confSource: 'conf',
        earlier: (asking) => Promise.resolve([slow(asking)]),
        askingMilliseconds: 10,
      },
      () => Promise.resolve([SETTINGS, HOOKS]),
      new RecordingProgress(),
      new AbortController().signal,
    );
    expect(await outcome).to.deep.equal({ selfTest: 'passed', verdict });
  });
  const slow = (asking: AbortSignal): ImageSource => ({
    ...treeSource(sampleImage(['layer']), EARLIER),
    root: () =>
      new Promise((_resolve, reject) => {
        const keepsNode = setInterval(() => undefined, 1000);
        asking.addEventListener('abort', () => {
          clearInterval(keepsNode);
          reject(new KdeployError('interrupted', 'interrupted'));
        });
      }),
  });

  it('is not begun where the user stops it while the registry is asked', async () => {
    const stop = new AbortController();
    stop.abort();
    const source = unreadable(new KdeployError('interrupted', 'interrupted'));
    const error = await rejection(build(newMachine(), { earlier: [source], signal: stop.signal }));
    expect(error.code).to.equal('interrupted');
  });

  it('that fails is remembered nowhere', async () => {
    const state = newMachine();
    const failure = new KdeployError('self-test-failed', 'the image would not log to MLflow');
    expect(await rejection(build(state, { failure }))).to.equal(failure);
    expect(await build(state)).to.deep.include({ selfTest: 'passed', tests: 1 });
  });
});
