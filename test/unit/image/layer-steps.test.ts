import { expect } from 'chai';
import { layerSteps, shortStep } from '../../../src/image/layer-steps.js';

const [first, empty, second] = [
  { createdBy: 'ADD base.tar /', isEmpty: false },
  { createdBy: 'ENV A=1', isEmpty: true },
  { createdBy: 'COPY . .', isEmpty: false },
] as const;

describe('the steps of layers', () => {
  it('are those that are not empty', () => {
    expect(layerSteps([first, empty, second], 2)).to.deep.equal([first, second]);
    expect(layerSteps([empty], 0)).to.deep.equal([]);
  });

  it('are not known where there is no history, or one of another length', () => {
    expect(layerSteps(undefined, 2)).to.equal(undefined);
    for (const layers of [0, 1, 3]) expect(layerSteps([first, empty, second], layers)).to.equal(undefined);
  });
});

describe('a step, shortened', () => {
  const cases: readonly [createdBy: string, expected: string][] = [
    ['', ''],
    ['COPY . . # buildkit', 'COPY . .'],
    ['/bin/sh -c #(nop) COPY dir:4f2a in /app ', 'COPY … in /app'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['RUN /bin/sh -c pip install --no-cache-dir -r req.txt # buildkit', 'RUN pip install --no-cache-dir …'],
    ['RUN |2 UID=1 TOKEN=hunter2 /bin/sh -c useradd kedro # buildkit', 'RUN useradd kedro'],
    ['RUN a https://user:hunter2@host b', 'RUN a … b'],
    ['RUN login -p hunter2', 'RUN login -p …'],
    ['RUN login --password hunter2', 'RUN login --password …'],
    ['RUN login --token-file path', 'RUN login --token-file path'],
    ['RUN a\n\tb', 'RUN a b'],
    ['RUN echo \u001b[31mred', 'RUN echo …'],
    [`RUN ${'a'.repeat(41)}`, 'RUN …'],
  ];
  for (const [createdBy, expected] of cases) {
    it(`says ${JSON.stringify(expected)} of ${JSON.stringify(createdBy)}`, () => {
      expect(shortStep(createdBy)).to.equal(expected);
    });
  }
});
