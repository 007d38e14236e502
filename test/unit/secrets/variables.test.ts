import { expect } from 'chai';
import { judgeVariable, judgeWords } from '../../../src/secrets/variables.js';

// In two parts, so that nobody's scanner takes this file for a leak.
const TOKEN = ['ghp', 'aB3'.repeat(12)].join('_');

describe('a variable that is set for good', () => {
  const cases: [name: string, value: string, why: string, isCertain: boolean][] = [
    ['MLFLOW_TRACKING_PASSWORD', 'hunter2', 'sets MLFLOW_TRACKING_PASSWORD to a value', true],
    ['MLFLOW_TRACKING_TOKEN', '1234', 'sets MLFLOW_TRACKING_TOKEN to a value', true],
    ['DB_PASSWORD', 'hunter2', 'sets DB_PASSWORD to a value', false],
    ['API_TOKEN', TOKEN, 'contains a GitHub token', true],
    ['WORDS', `x ${TOKEN}`, 'contains a GitHub token', true],
    ['DB_PASSWORD', `\${PASSWORD:-${TOKEN}}`, 'contains a GitHub token', true],
    ['DATABASE_URL', 'postgresql://ada:hunter2@db/x', 'contains a URL with a password', true],
    ['SECRET_URL', 'https://ada:hunter2@host', 'contains a URL with a password', true],
  ];
  for (const [name, value, why, isCertain] of cases)
    it(`${why}${isCertain ? '' : ', perhaps'}: ${name}=${value.slice(0, 12)}`, () =>
      expect(judgeVariable(name, value)).to.deep.equal({ why, isCertain }));

  for (const [name, value] of [
    ['MLFLOW_TRACKING_PASSWORD', ''],
    ['MLFLOW_TRACKING_PASSWORD', '${PASSWORD}'],
    ['MLFLOW_TRACKING_TOKEN', 'changeme'],
    ['MLFLOW_TRACKING_URI', 'hunter2'],
    ['DB_PASSWORD', '/run/secrets/db'],
    ['DB_PASSWORD', '$PASSWORD'],
    ['API_KEY', '512'],
    ['USER', 'hunter2'],
  ] as const)
    it(`contains no secret: ${name}=${value}`, () => expect(judgeVariable(name, value)).to.equal(undefined));
});

describe('the words of a command', () => {
  it('contain a secret by its form, or in an address', () => {
    expect(judgeWords(`curl -H "x: ${TOKEN}"`)).to.deep.equal({ why: 'contains a GitHub token', isCertain: true });
    expect(judgeWords('pip install -i https://ada:hunter2@host x')).to.deep.equal({
      why: 'contains a URL with a password',
      isCertain: true,
    });
  });

  it('may be any others', () => expect(judgeWords('PASSWORD=hunter2 pip install x')).to.equal(undefined));
});
