import { expect } from 'chai';

import { documentation } from '../../../../src/airflow/file/documentation.js';
import { group, IMAGE, plainSettings, sampleDag, threeGroups, tracked } from '../sample.js';

describe('the documentation of a DAG', () => {
  it('names the image by digest, the revision, the repository and the experiment', () => {
    const text = documentation(sampleDag());
    expect(text).to.include(`- Image: \`${IMAGE}\``);
    expect(text).to.include('- Revision: `c31715a`');
    expect(text).to.include('(<https://github.com/acme/spaceflights>)');
    expect(text).to.include('(<https://mlflow.example.com/#/experiments?searchFilter=spaceflights>)');
  });

  it('has a row for each task: its nodes, and whose data it gets', () => {
    const { graph, ...rest } = sampleDag();
    const crossings = [
      { dataset: 'x', from: 'load-x', to: ['train'] },
      { dataset: 'y|z', from: 'load_x', to: ['other', 'train'] },
    ];
    expect(documentation({ ...rest, graph: { ...graph, crossings } }).split('\n')).to.include.members([
      '| Task | Kedro nodes | Gets |',
      '| --- | --- | --- |',
      '| `load-x` | `load-x` | - |',
      '| `train` | `split`, `train` | `x` of `load-x`, `y\\|z` of `load_x` |',
    ]);
  });

  it('shortens the list of many nodes, and says how many there are', () => {
    const nodes = Array.from({ length: 23 }, (_, index) => `n${index}`);
    const { graph, ...rest } = sampleDag();
    const text = documentation({ ...rest, graph: { ...graph, tasks: tracked([group('big', nodes, [])]) } });
    expect(text).to.include('`n19`, 3 more |').and.not.include('`n20`');
  });

  it('says of an image without tracking that its runs are not tracked', () => {
    const { graph, ...rest } = sampleDag();
    expect(documentation({ ...rest, graph: { ...graph, tracked: false, tasks: threeGroups() } })).to.include(
      '- MLflow: not tracked',
    );
  });

  it('shows the configured description as text, not as markup', () => {
    const settings = { ...plainSettings, description: '<b>[x](javascript:y)</b> `a`' };
    expect(documentation({ ...sampleDag(), settings }).split('\n')[0]).to.equal(
      String.raw`\<b\>\[x\](javascript:y)\</b\> \`a\``,
    );
  });
});
