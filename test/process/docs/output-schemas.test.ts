import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Command, Config } from '@oclif/core';
import { expect } from 'chai';
import { expectOutput, expectOutputOf, OUTPUT_SCHEMAS } from '../../support/output-schemas.js';
import { runIsolated } from '../../unit/commands/isolated-command.js';
import { TemporaryRepository } from '../git/temporary-repository.js';
import { root } from '../../unit/docs/documents.js';

type CommandClass = (new (argv: string[], config: Config) => Command) & Pick<typeof Command, 'run'>;

const commandOf = async (file: string): Promise<CommandClass> =>
  ((await import(`${root}/src/commands/${file}.ts`)) as { default: CommandClass }).default;

describe('the schemas of what commands print with --json', () => {
  it('are there for every command, and for errors', async () => {
    const files = (await readdir(`${root}/src/commands`, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const commands = files.map((file) => file.replace(/\.ts$/, '').split(path.sep).join('-'));
    const outputs = commands.flatMap((name) => (name === 'check' ? ['check-explain', 'check-report'] : [name]));
    expect([...OUTPUT_SCHEMAS.keys()].sort()).to.deep.equal([...outputs, 'build-metadata', 'error'].sort());
  });

  for (const [name, schema] of OUTPUT_SCHEMAS) {
    it(`refuse another version, and no version: ${name}`, () => {
      for (const value of [{}, { version: 2 }]) expect(() => expectOutput(name, value)).to.throw('version');
      expect(schema.title).to.be.a('string');
    });
  }

  describe('are what the commands print', () => {
    let repository: TemporaryRepository;
    before(async () => {
      repository = await TemporaryRepository.create();
      await repository.write(
        'pyproject.toml',
        '[tool.kedro]\npackage_name = "demo"\nproject_name = "Demo"\nkedro_init_version = "1.7.0"\n',
      );
      await repository.write('Dockerfile', 'FROM python:3.11-slim\n');
      await repository.write('requirements.txt', 'kedro\n');
    });
    after(() => repository.remove());

    const configuration = (authentication: object) =>
      JSON.stringify({
        image: { name: 'ghcr.io/acme/demo' },
        mlflow: { tracking_uri: 'https://mlflow.example.com' },
        run_config: { authentication },
      });

    // One after the other on one project: what one command writes, the next one reads.
    const outputs: readonly [typed: string, exitCode: number | undefined][] = [
      ['version', undefined],
      ['help', undefined],
      ['autocomplete', undefined],
      ['autocomplete fish', undefined],
      ['init', undefined],
      ['init', 2],
      ['init --force --hook', undefined],
      ['hook install', undefined],
      ['hook uninstall', undefined],
      ['hook uninstall', undefined],
      ['cache info', undefined],
      ['cache prune', undefined],
      ['cache prune --max-size much', 2],
      ['check --explain mlflow-online', undefined],
      ['check', 1],
      ['check --commit HEAD', 2],
      ['build', 1],
      ['build --imge x', 2],
      ['push', 2],
      ['run', 3],
      ['inspect', 2],
      ['dag', 2],
      ['auth token', 2],
    ];
    for (const [index, [typed, exitCode]] of outputs.entries()) {
      it(`${String(index + 1)}: kdeploy ${typed} --json`, async () => {
        const words = typed.split(' ');
        const [command, rest] = ['hook', 'auth', 'cache'].includes(String(words[0]))
          ? [words.slice(0, 2), words.slice(2)]
          : [words.slice(0, 1), words.slice(1)];
        const argv = [...rest, '--json', '--project', repository.root];
        const printed = await runIsolated(await commandOf(command.join('/')), argv, {
          DOCKER_HOST: 'unix:///nowhere.sock',
          KDEPLOY_CACHE_FOLDER: `${repository.root}/no-cache`,
        });
        expect(printed.stdout).to.not.equal('');
        expectOutputOf([...command, ...argv], printed.stdout);
        expect(printed.exitCode, printed.stdout).to.equal(exitCode);
      });
    }

    it('with --ci, in an error of the configuration, and with a token', async () => {
      for (const [command, ...rest] of [
        ['init', '--ci', 'github'],
        ['auth/token'],
        ['check', '--env', 'none'],
      ] as const) {
        await repository.write(
          'conf/base/kdeploy.yml',
          configuration({ type: command === 'check' ? 'x' : 'Vars', params: ['HOME'] }),
        );
        const argv = [...rest, '--json', '--project', repository.root];
        const { stdout } = await runIsolated(await commandOf(command), argv);
        expect('error' in (JSON.parse(stdout) as object), stdout).to.equal(command === 'check');
        expectOutputOf([...command.split('/'), ...argv], stdout);
      }
    });
  });
});
