import { expect } from 'chai';
import { groupArguments, isSelectable } from '../../../src/graph/kedro-arguments.js';

const run = (kedroVersion: string, runOptions: string[] | null = null) => ({ kedroVersion, runOptions });

describe('what kedro run is told', () => {
  for (const [version, pipeline, option] of [
    ['1.7.0', 'ds', '--pipelines'],
    ['1.2.0', 'ds', '--pipelines'],
    ['1.10.0rc1', 'ds', '--pipelines'],
    ['2.0.0', 'ds', '--pipelines'],
    ['1.1.1', 'ds', '--pipeline'],
    ['0.19.15', 'ds', '--pipeline'],
    ['1.7.0', 'a,b', '--pipeline'],
  ] as const)
    it(`is ${option} for the pipeline ${pipeline} of Kedro ${version}`, () => {
      expect(groupArguments({ kind: 'pipeline' }, pipeline, run(version))).to.deep.equal([
        'kedro',
        'run',
        option,
        pipeline,
      ]);
    });

  it("is --pipeline where the project's own kedro run knows no other", () => {
    const told = (options: string[]) => groupArguments({ kind: 'pipeline' }, 'ds', run('1.7.0', options)).slice(2);
    expect(told(['--pipeline', '--nodes'])).to.deep.equal(['--pipeline', 'ds']);
    expect(told(['--pipeline', '--pipelines'])).to.deep.equal(['--pipelines', 'ds']);
  });

  it('is nothing for all of the default pipeline', () => {
    expect(groupArguments({ kind: 'pipeline' }, '__default__', run('1.7.0'))).to.deep.equal(['kedro', 'run']);
  });

  it('is nodes by their names, or namespaces in the option that Kedro has', () => {
    const nodes = { kind: 'nodes', nodes: ['a', 'x.b'] } as const;
    expect(groupArguments(nodes, '__default__', run('1.7.0')).slice(2)).to.deep.equal(['--nodes', 'a,x.b']);
    const namespaces = { kind: 'namespaces', namespaces: ['x'] } as const;
    expect(groupArguments(namespaces, '__default__', run('1.0.0')).slice(2)).to.deep.equal(['--namespaces', 'x']);
    expect(groupArguments(namespaces, '__default__', run('0.19.15')).slice(2)).to.deep.equal(['--namespace', 'x']);
  });

  for (const [name, selectable] of [
    ['features.clean-2', true],
    ['split([raw;rest]) -> [train;test]', true],
    ['split([raw,rest]) -> [train,test]', true],
    ['split([a]b]) -> [c]', false],
    ['one,two', false],
    ['<demo.nodes.Scale object at 0x7f9fa613dad0>([a]) -> [b]', false],
    ['<bound method Scale.fit of <demo.Scale object at 0x7F9FA613DAD0>>([a]) -> [b]', false],
    ['<lambda>([look at 0x7f]) -> [b]', true],
    [' padded', false],
    ['', false],
  ] as const)
    it(`${selectable ? 'can' : 'cannot'} name the node ${JSON.stringify(name)}`, () => {
      expect(isSelectable(name)).to.equal(selectable);
    });
});
