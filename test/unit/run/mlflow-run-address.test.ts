import { expect } from 'chai';
import { MlflowRunAddress } from '../../../src/run/mlflow-run-address.js';

const RUN = '0123456789abcdef0123456789abcdef';
const ADDRESS = `https://mlflow.acme.io/#/experiments/12/runs/${RUN}`;

function addressIn(...chunks: readonly (string | Buffer)[]): string | undefined {
  const address = new MlflowRunAddress();
  for (const chunk of chunks) address.add(Buffer.from(chunk));
  return address.address;
}

describe('the address of the MLflow run', () => {
  const found: readonly [line: string, address: string][] = [
    [`🏃 View run calm-cat-1 at: ${ADDRESS}\n`, ADDRESS],
    [ADDRESS, ADDRESS],
    [`see ${ADDRESS}.`, ADDRESS],
    [`see ${ADDRESS}?workspace=team-a\n`, `${ADDRESS}?workspace=team-a`],
    [`see ${ADDRESS}?`, ADDRESS],
    [
      `http://127.0.0.1:5000/mlflow/#/experiments/0/runs/${RUN}`,
      `http://127.0.0.1:5000/mlflow/#/experiments/0/runs/${RUN}`,
    ],
  ];
  for (const [line, address] of found) {
    it(`is found in ${JSON.stringify(line.slice(0, 60))}`, () => {
      expect(addressIn(line)).to.equal(address);
    });
  }

  const others: readonly [what: string, line: string][] = [
    ['an experiment', '🧪 View experiment at: https://mlflow.acme.io/#/experiments/12\n'],
    ['a run that is cut off', ADDRESS.slice(0, -1)],
    ['a run with another kind of id', `https://mlflow.acme.io/#/experiments/12/runs/${'g'.repeat(32)}`],
    ['an experiment with a name for its id', `https://mlflow.acme.io/#/experiments/flights/runs/${RUN}`],
    ['an address of the API', `https://mlflow.acme.io/api/2.0/mlflow/runs/get?run_id=${RUN}`],
    ['an address without a scheme', `mlflow.acme.io/#/experiments/12/runs/${RUN}`],
    ['nothing', ''],
  ];
  for (const [what, line] of others) {
    it(`is not ${what}`, () => {
      expect(addressIn(line)).to.equal(undefined);
    });
  }

  it('is found wherever the chunks are cut', () => {
    const text = `before\n🏃 View run at: ${ADDRESS}\nafter\n`;
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) {
      expect(addressIn(bytes.subarray(0, at), bytes.subarray(at)), `cut at ${at}`).to.equal(ADDRESS);
    }
    expect(addressIn(...Array.from(bytes, (byte) => Buffer.from([byte])))).to.equal(ADDRESS);
  });

  it('is still known after much other output, before and behind it', () => {
    const noise = 'x'.repeat(100_000);
    expect(addressIn(noise, `${noise} ${ADDRESS} `, noise, noise)).to.equal(ADDRESS);
  });

  it('is the last of several, in one chunk or in many: a parent run ends after its children', () => {
    const child = ADDRESS.replace(RUN, 'f'.repeat(32));
    expect(addressIn(`${child}\n`, `${ADDRESS}\n`)).to.equal(ADDRESS);
    expect(addressIn(`${child}\n${ADDRESS}\n`)).to.equal(ADDRESS);
    expect(addressIn(`${child}\n${ADDRESS}\n`, 'more\n')).to.equal(ADDRESS);
    expect(addressIn(`${child}\n`, 'x'.repeat(5000), `${ADDRESS}\n`)).to.equal(ADDRESS);
  });
});
