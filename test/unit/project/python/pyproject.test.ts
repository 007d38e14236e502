import { expect } from 'chai';
import { parsePyProject } from '../../../../src/project/python/pyproject.js';
import { everythingIn } from '../../../support/everything-in.js';
import { rejection } from '../../../support/rejection.js';

describe('a pyproject.toml that is no TOML', () => {
  const broken: readonly (readonly [mistake: string, line: string])[] = [
    ['a quote that is missing', 'password = "hunter2+Zq7'],
    ['two values', 'password = "hunter2+Zq7" "b"'],
    ['a key without a value', 'hunter2+Zq7'],
    ['an address without quotes', 'url = https://ada:hunter2+Zq7@example.com'],
  ];
  for (const [mistake, line] of broken) {
    it(`is refused with the line of ${mistake}, and without its text, which may be a password`, async () => {
      const error = await rejection(parsePyProject(Buffer.from(`[tool.kedro]\n${line}\n`)));
      expect(error.place).to.deep.equal({ file: 'pyproject.toml', line: 2 });
      expect(error.message).to.match(/^pyproject\.toml is not valid TOML: \w/);
      expect(everythingIn(error)).not.to.contain('hunter2');
    });
  }
});
