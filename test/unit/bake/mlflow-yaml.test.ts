import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { bakedMlflowYaml } from '../../../src/bake/mlflow-yaml.js';

const bake = async (
  document: Readonly<Record<string, unknown>> | undefined,
  experiment = 'flights',
): Promise<unknown> => parse(await bakedMlflowYaml(document, experiment), { version: '1.1' });
const SERVER = { mlflow_tracking_uri: null, mlflow_registry_uri: null, credentials: null };

describe('the baked mlflow.yml', () => {
  it('keeps the project’s settings, without addresses and credentials, and names the experiment', async () => {
    const document = {
      server: {
        mlflow_tracking_uri: 'https://me:hunter2@mlflow.example.com',
        mlflow_registry_uri: 'https://r',
        credentials: 'mlflow',
        request_header_provider: { type: null },
      },
      tracking: {
        disable_tracking: { pipelines: ['a'] },
        experiment: { name: 'other', create_experiment_kwargs: {} },
        run: { id: null },
      },
      ui: { port: '5000' },
    };
    expect(await bake(document)).to.deep.equal({
      server: { ...SERVER, request_header_provider: { type: null } },
      tracking: {
        disable_tracking: { pipelines: ['a'] },
        experiment: { name: 'flights', create_experiment_kwargs: {} },
        run: { id: null },
      },
      ui: { port: '5000' },
    });
  });

  for (const document of [undefined, {}, { server: null, tracking: null }, { server: 'x', tracking: [] }]) {
    it(`is complete for ${document === undefined ? 'no file at all' : JSON.stringify(document)}`, async () => {
      expect(await bake(document)).to.deep.equal({ server: SERVER, tracking: { experiment: { name: 'flights' } } });
    });
  }

  it('leaves out sections without content, which kedro-mlflow refuses', async () => {
    expect(await bake({ ui: null, tracking: {} })).not.to.have.property('ui');
  });

  it('says who wrote it', async () => {
    expect(await bakedMlflowYaml(undefined, 'x')).to.match(/^# Written by kdeploy\. /);
  });

  it('reads back as the same experiment in YAML 1.1, whatever its name', async () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('yes', 'on', '1_000', '12:30', 'null', '~', '1e3', '0x1f', 'a: b'),
    );
    await fc.assert(
      fc.asyncProperty(name, async (experiment) => {
        expect(await bake(undefined, experiment)).to.have.nested.property('tracking.experiment.name', experiment);
      }),
    );
  });

  it('never holds a value of the server’s addresses and credentials', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (secret) => {
        const planted = `hunter2${secret}`;
        const server = { mlflow_tracking_uri: planted, mlflow_registry_uri: planted, credentials: { a: planted } };
        expect(await bakedMlflowYaml({ server }, 'x')).not.to.contain('hunter2');
      }),
    );
  });
});
