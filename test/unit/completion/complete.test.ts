import { expect } from 'chai';
import { complete, type CompletionInput } from '../../../src/completion/complete.js';

const COMMANDS: CompletionInput['commands'] = [
  {
    id: 'check',
    summary: 'Check a project.',
    args: {},
    flags: {
      env: { type: 'option', description: 'the environment\nof Kedro', helpValue: 'ENV' },
      fix: { type: 'boolean', char: 'y' },
      format: { type: 'option', options: ['text', 'json'] },
      local: { type: 'boolean', allowNo: true, description: 'read conf/local' },
      tag: { type: 'option', char: 't', multiple: true },
      project: { type: 'option', helpValue: 'DIR' },
      dockerfile: { type: 'option', helpValue: 'FILE' },
      inner: { type: 'boolean', hidden: true },
    },
  },
  { id: 'hook:install', summary: 'Install it.', args: {}, flags: {} },
  { id: 'hook:run', summary: 'Run it.', args: {}, flags: {} },
  { id: 'autocomplete', summary: 'Complete.', args: { shell: { options: ['bash', 'fish'] } }, flags: {} },
  { id: 'help', summary: 'Help.', args: {}, flags: {} },
  { id: 'secret', hidden: true, args: {}, flags: {} },
];

const completed = async (...words: string[]) => {
  const found = await complete({
    words,
    commands: COMMANDS,
    topics: [{ name: 'hook', description: 'The hook.' }],
    environments: () => Promise.resolve(['local', 'production']),
  });
  return typeof found === 'string' ? found : found.map(({ value }) => value);
};

describe('completing a command line', () => {
  const cases: readonly [what: string, words: string[], expected: readonly string[] | string][] = [
    ['the first word', [''], ['check', 'hook', 'autocomplete', 'help']],
    ['a command that is begun', ['ch'], ['check']],
    ['a flag before any command', ['--'], ['--help', '--version']],
    ['the second word of a command', ['hook', ''], ['install', 'run']],
    ['a word below a topic that is begun', ['hook', 'in'], ['install']],
    ['a word below none', ['nothing', ''], []],
    ['what help is wanted for', ['help', 'ho'], ['hook']],
    ['the second word of what help is wanted for', ['help', 'hook', ''], ['install', 'run']],
    ['a flag, both spellings', ['check', '--l'], ['--local']],
    ['a negated flag', ['check', '--no'], ['--no-local']],
    ['a flag that is there already', ['check', '--fix', '--fi'], []],
    ['a flag that is there by its letter', ['check', '-y', '--fi'], []],
    ['a flag that can be repeated', ['check', '--tag', 'a', '--ta'], ['--tag']],
    ['a value out of a list', ['check', '--format', ''], ['text', 'json']],
    ['a value behind =', ['check', '--format=j'], ['--format=json']],
    ['a value behind =, as bash cuts it', ['check', '--format', '=', 'j'], ['--format=json']],
    [
      'a value behind = of which nothing is typed, as bash cuts it',
      ['check', '--env', '='],
      ['--env=local', '--env=production'],
    ],
    ['an environment of the project', ['check', '--env', 'pr'], ['production']],
    ['a folder', ['check', '--project', ''], 'folders'],
    ['a file', ['check', '--dockerfile', 'D'], 'files'],
    ['a value that only the user knows', ['check', '-t', ''], []],
    ['an argument out of a list', ['autocomplete', 'f'], ['fish']],
    ['an argument of a command that takes none', ['check', ''], []],
    ['what is behind --, the container’s command', ['check', '--', '--fi'], 'files'],
    ['nothing at all', [], ['check', 'hook', 'autocomplete', 'help']],
  ];
  for (const [what, words, expected] of cases) {
    it(`finds ${what}: ${words.join(' ')}`, async () => {
      expect(await completed(...words)).to.deep.equal(expected);
    });
  }

  it('shows no hidden command or flag', async () => {
    expect(await completed('sec')).to.deep.equal([]);
    expect(await completed('check', '--in')).to.deep.equal([]);
  });

  it('describes words in one line', async () => {
    const input = { commands: COMMANDS, topics: [{ name: 'hook', description: 'The hook.' }] };
    const environments = () => Promise.resolve([]);
    expect(await complete({ ...input, environments, words: ['check', '--env'] })).to.deep.equal([
      { value: '--env', description: 'the environment' },
    ]);
    expect(await complete({ ...input, environments, words: ['hook'] })).to.deep.equal([
      { value: 'hook', description: 'The hook.' },
    ]);
    expect(await complete({ ...input, environments, words: ['check', '--no-local'] })).to.deep.equal([
      { value: '--no-local', description: 'not: read conf/local' },
    ]);
  });
});
