import { expect } from 'chai';
import { KdeployError } from '../../src/errors.js';
import { experimentState } from '../../src/mlflow/experiment.js';
import { readRunTrace } from '../../src/mlflow/run-trace.js';
import { mlflowVersion } from '../../src/mlflow/version.js';
import { FakeServer } from '../support/fake-server.js';
import { FAULTS, FaultProxy, type Fault } from './fault-proxy.js';

const PASSWORD = 'hunter2-of-mlflow';

describe('MLflow’s answer', () => {
  let server: FakeServer;
  let proxy: FaultProxy;

  beforeEach(async () => {
    server = await FakeServer.start(({ url }) => ({
      body: url.startsWith('/version')
        ? '3.6.0'
        : url.includes('/runs/get')
          ? { run: { info: { run_id: 'r1', run_name: 'x', status: 'FINISHED' }, data: { tags: [] } } }
          : { experiment: { experiment_id: '1', name: 'flights', lifecycle_stage: 'active' } },
    }));
    proxy = await FaultProxy.startOnPort(server.host);
  });

  afterEach(async () => {
    await proxy.stop();
    await server.stop();
  });

  const client = { environment: {}, headers: { Authorization: `Bearer ${PASSWORD}` }, timeoutMilliseconds: 500 };

  it('is awaited to its end, and taken for MLflow’s only where it is: asked for an experiment', async () => {
    expect((await experimentState(`http://${proxy.host}`, 'flights', client)).kind).to.equal('active');
    for (const fault of Object.keys(FAULTS) as Fault[]) {
      const state = await experimentState(`http://${proxy.spoil(fault).host}`, 'flights', client);
      expect(state.kind, fault).to.equal('obstacle');
      expect(JSON.stringify(state), fault).not.to.match(/hunter2|undefined|Unexpected token|Cannot read/);
    }
  });

  it('is awaited to its end, and taken for MLflow’s only where it is: asked for a run', async () => {
    expect((await readRunTrace(`http://${proxy.host}`, 'r1', client)).status).to.equal('FINISHED');
    for (const fault of Object.keys(FAULTS) as Fault[]) {
      const error: unknown = await readRunTrace(`http://${proxy.spoil(fault).host}`, 'r1', client).catch(
        (failed: unknown) => failed,
      );
      expect(error, fault).to.be.instanceOf(KdeployError);
      expect((error as KdeployError).code, fault).to.be.oneOf(['mlflow-unreachable', 'credentials']);
      expect((error as KdeployError).message, fault).not.to.match(/hunter2|undefined|Unexpected token|Cannot read/);
    }
  });

  it('is a version, or nothing is known of it', async () => {
    expect(await mlflowVersion(`http://${proxy.host}`, client)).to.equal('3.6.0');
    for (const fault of Object.keys(FAULTS) as Fault[]) {
      // Nothing tells how long it would have been.
      if (fault === 'ended in the middle of the answer') continue;
      expect(await mlflowVersion(`http://${proxy.spoil(fault).host}`, client), fault).to.equal(undefined);
    }
  });
});
