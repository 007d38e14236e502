import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { mlflowTemplate, withTrackingUri } from '../../../../src/project/tracking/mlflow-template.js';
import { parseYaml } from '../../../../src/project/yaml.js';
import { everythingIn } from '../../../support/everything-in.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';

const TEMPLATE =
  'server:\n  mlflow_tracking_uri: null # if null, …\n  mlflow_registry_uri: null\nui:\n  port: "5000"\n';

describe('the address in a new mlflow.yml', () => {
  it('takes the place of null, and the comments stay', async () => {
    expect(await withTrackingUri(TEMPLATE, 'https://mlflow.example.com')).to.equal(
      TEMPLATE.replace('mlflow_tracking_uri: null', 'mlflow_tracking_uri: "https://mlflow.example.com"'),
    );
  });

  for (const uri of ['https://h/a#b', 'https://h/"x"', 'http://h:5000/$&/$1', 'https://h/a b: c\\d', 'databricks']) {
    it(`reads back as it was given: ${uri}`, async () => {
      const { value } = await parseYaml(Buffer.from(await withTrackingUri(TEMPLATE, uri)), 'mlflow.yml');
      expect(value).to.have.nested.property('server.mlflow_tracking_uri', uri);
    });
  }

  for (const text of [
    'server: {}\n',
    'tracking:\n  mlflow_tracking_uri: null\n',
    'server:\n  mlflow_tracking_uri: mlruns\n',
  ]) {
    it(`is refused where the template has no place for it: ${JSON.stringify(text)}`, async () => {
      const error = await rejection(withTrackingUri(text, 'https://h'));
      expect(error.message).to.equal('the template of the installed kedro-mlflow has no key for the tracking URI');
    });
  }
});

describe('kedro-mlflow’s template', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
  });
  after(() => folder.remove());

  /** A program in the place of the project's Python, which prints what the script would; the real one is asked elsewhere. */
  const printing = async (text: string) => {
    await folder.write({ python: `#!/bin/sh\ncat <<'END'\n${text}\nEND\n` });
    await chmod(folder.file('python'), 0o755);
    return { kedro: folder.file('kedro'), python: folder.file('python'), origin: '.venv' };
  };
  const ask = async (text: string, trackingUri?: string) => {
    const found = await printing(text);
    return mlflowTemplate({
      packageName: 'demo',
      findKedro: () => Promise.resolve(found),
      environment: { PATH: process.env.PATH },
      trackingUri,
    });
  };

  it('is the last line that the script prints', async () => {
    expect(await ask(`hello\n\n${JSON.stringify({ text: TEMPLATE })}`)).to.equal(TEMPLATE);
  });

  it('gets the address that is wanted', async () => {
    expect(await ask(JSON.stringify({ text: TEMPLATE }), 'https://h')).to.contain('mlflow_tracking_uri: "https://h"');
  });

  it('is told to be missing with the script’s own reason', async () => {
    const error = await rejection(ask(JSON.stringify({ error: 'E', message: 'kedro-mlflow is not installed' })));
    expect([error.code, error.message]).to.deep.equal([
      'tool-missing',
      "kedro-mlflow's template for mlflow.yml is not available: kedro-mlflow is not installed",
    ]);
  });

  it('is missing where the script says nothing that can be read', async () => {
    expect((await rejection(ask('oops'))).message).to.contain('its output is not readable');
  });

  it('is missing where the Python of kedro is not known', async () => {
    const findKedro = () => Promise.resolve({ kedro: '/x/kedro', python: undefined, origin: 'PATH' });
    const error = await rejection(mlflowTemplate({ packageName: 'demo', findKedro, environment: {} }));
    expect(error.message).to.contain('the Python of /x/kedro was not found');
  });

  it('is never written with a password in it', async () => {
    const error = await rejection(ask(JSON.stringify({ text: TEMPLATE }), 'https://ada:hunter2@h'));
    expect(error.code).to.equal('configuration');
    expect(everythingIn(error)).not.to.contain('hunter2');
  });
});
