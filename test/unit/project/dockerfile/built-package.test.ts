import { expect } from 'chai';
import { builtPackage } from '../../../../src/project/dockerfile/built-package.js';

describe('builtPackage', () => {
  const cases: [command: string, folder: string | undefined][] = [
    ['python -m build', '.'],
    ['python3.11 -m build --wheel --outdir /dist /src', '/src'],
    ['pyproject-build -w .', '.'],
    ['uv build', '.'],
    ['uv --quiet build --wheel -o /dist libs/io', 'libs/io'],
    ['python -m uv build', '.'],
    ['poetry build -f wheel', '.'],
    ['hatch build', '.'],
    ['pdm build', '.'],
    ['flit build', '.'],
    ['kedro package', '.'],
    ['pip wheel -w /wheels .', '.'],
    ['pip wheel . -w ./wheels --no-deps', '.'],
    ['python -m pip wheel --wheel-dir /wheels /src', '/src'],
    ['pip wheel -w /wheels -r ./requirements.txt', undefined],
    ['pip wheel kedro', undefined],
    ['python setup.py bdist_wheel', '.'],
    ['python setup.py sdist', '.'],
    ['python setup.py install', undefined],
    ['pip install .', undefined],
    ['uv sync', undefined],
    ['kedro run', undefined],
    ['python build.py', undefined],
  ];
  for (const [command, folder] of cases)
    it(`${command}: ${folder ?? 'nothing'}`, () => expect(builtPackage(command.split(' '))).to.equal(folder));
});
