import { expect } from 'chai';
import { asInImage } from '../../../../../src/builders/layers/self-test/as-in-image.js';

describe('a line of output, as the image has its paths', () => {
  const shown = asInImage('/home/jürgen (x)/scratch', '/home/jürgen (x)/kept');

  const cases: readonly [what: string, line: string, expected: string][] = [
    ['a path', 'in /home/jürgen (x)/scratch/home/kedro/a.py', 'in /home/kedro/a.py'],
    ['more than one', '/home/jürgen (x)/scratch/a /home/jürgen (x)/scratch/b', '/a /b'],
    ['a path in JSON', String.raw`{"file": "/home/j\u00fcrgen (x)/scratch/a.py"}`, '{"file": "/a.py"}'],
    ['a path in a URI', 'file:///home/j%C3%BCrgen%20%28x%29/scratch/mlruns', 'file:///mlruns'],
    ['a file of a package', '/home/jürgen (x)/kept/lib/python3.11/x.py', '/opt/venv/lib/python3.11/x.py'],
    ['a path of the machine', '/home/jürgen (x)/other', '/home/jürgen (x)/other'],
  ];
  for (const [what, line, expected] of cases)
    it(`has ${what}`, () => {
      expect(shown(line)).to.equal(expected);
    });
});
