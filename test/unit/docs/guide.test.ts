import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { AIRFLOW_FIELDS } from '../../../src/config/settings/airflow/airflow-schema.js';
import { AUTHENTICATION_FIELDS, SECTION_FIELDS } from '../../../src/config/settings/schema.js';
import { SETTINGS_VARIABLES } from '../../../src/config/settings/variables.js';
import { EXIT_CODES } from '../../../src/errors.js';
import { TAG_PLACEHOLDERS } from '../../../src/image/tag-template.js';
import { codeIn, readDocument, root, section, tableRows } from './documents.js';

const guide = readDocument('docs/guide.md');

describe('the guide', () => {
  it('has a section for every command and for no other', () => {
    const files = readdirSync(path.join(root, 'src/commands'), { recursive: true, encoding: 'utf8' });
    const commands = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.replace(/\.ts$/, '').replaceAll(path.sep, ' '));
    const sections = [...section(guide, '## Commands').matchAll(/^### (.+)$/gm)].map(([, name]) => name ?? '');
    expect(sections).to.have.members(commands);
  });

  it('lists every variable that sets a key, with that key', () => {
    const listed = tableRows(section(guide, '## Environment variables'))
      .filter(([, meaning]) => /^`\w+\.\w+`/.test(meaning ?? ''))
      .map(([name, meaning]) => [codeIn(name ?? '')[0], codeIn(meaning ?? '')[0]]);
    expect(listed).to.deep.equal(SETTINGS_VARIABLES.map(({ name, path: key }) => [name, key.join('.')]));
  });

  it('explains every key of kdeploy.yml', () => {
    const listed = tableRows(section(guide, '### Keys')).flatMap(([key]) => codeIn(key ?? ''));
    const legacy = Object.keys(AIRFLOW_FIELDS);
    const keys = Object.entries(SECTION_FIELDS)
      .flatMap(([name, fields]) => Object.keys(fields).map((key) => [name, key] as const))
      .filter(([name, key]) => name !== 'checks' && (name !== 'run_config' || !legacy.includes(key)));
    // Of a key that has keys of its own, those are explained.
    const explained = listed.map((key) => key.split('.').slice(0, 2).join('.'));
    expect(explained).to.include.members(keys.map((key) => key.join('.')));
    expect(listed).to.include('checks.<name>');
    expect(codeIn(section(guide, '### The file of kedro-airflow-k8s'))).to.include.members(legacy);
  });

  it('explains every placeholder of a tag', () => {
    const listed = tableRows(section(guide, '### Keys')).flatMap(([key]) => codeIn(key ?? ''));
    expect(listed).to.include.members(TAG_PLACEHOLDERS.map((name) => `{${name}}`));
  });

  it('has a section for every authentication type, with all of its keys', () => {
    const page = section(guide, '## Authentication');
    const overview = tableRows(page.slice(0, page.indexOf('### ')));
    expect(overview.flatMap(([type]) => codeIn(type ?? ''))).to.have.members(Object.keys(AUTHENTICATION_FIELDS));
    for (const [type, fields] of Object.entries(AUTHENTICATION_FIELDS)) {
      const text = section(page, `### ${type}`);
      for (const key of Object.keys(fields)) expect(text, `${type}: ${key}`).to.match(new RegExp(`\\b${key}\\b`));
      expect(text, `${type}: its error`).to.contain('kdeploy: cannot authenticate to MLflow. ');
    }
  });

  it('lists the variables of every orchestrator that the runtime knows', () => {
    const source = readDocument('templates/runtime/kdeploy_runtime/orchestrators.py');
    const listed = codeIn(section(guide, '### The run key'));
    const read = [...source.matchAll(/_joined\(([^)]+)\)|task=\(([^)]+)\)|environ\.get\("([^"]+)"/g)].flatMap(
      ([, keys, tasks, other]) => (keys ?? tasks ?? other ?? '').match(/[A-Z][A-Z_]+/g) ?? [],
    );
    expect(read).to.have.length.above(8);
    expect(listed).to.include.members(read);
    const names = [...source.matchAll(/Orchestrator\(\s*"(\w+)"/g)].map(([, name]) => name);
    expect(codeIn(section(guide, '## Trace: from a model back to its code'))).to.include.members(names);
  });

  it('names every KDEPLOY_ variable that kdeploy and its runtime read', () => {
    const sources = ['src', 'templates/runtime'].flatMap(sourceTexts).join('\n');
    const read = new Set(sources.match(/\bKDEPLOY_[A-Z][A-Z_]*\b/g));
    read.delete('KDEPLOY_IMGE_NAME'); // an example of a misspelled one
    for (const name of read) expect(guide, name).to.contain(`\`${name}`);
  });

  it('names every tag of a run', () => {
    const trace = readDocument('templates/runtime/kdeploy_runtime/shared_run/trace.py');
    const tags = [...trace.matchAll(/"((?:kdeploy|mlflow)\.[\w.]+)"/g)].map(([, tag]) => tag);
    expect(tags).to.have.length.above(4);
    expect(codeIn(section(guide, '## Trace: from a model back to its code'))).to.include.members(tags);
  });

  it('names every command of the image', () => {
    const source = readDocument('templates/runtime/kdeploy_runtime/command_line.py');
    const own = [...source.matchAll(/^ {4}"([a-z][\w-]*)":/gm)].map(([, name]) => name);
    expect(own).to.have.length.above(3);
    for (const name of own) expect(guide, name).to.match(new RegExp(`^docker run .* IMAGE ${name ?? ''}\\b`, 'm'));
  });

  it('quotes what a container and the hook say as the runtime and the script have it', () => {
    const sources = [...sourceTexts('templates/runtime'), readDocument('templates/pre-push')].join('\n');
    const quoted = guide.split('\n').filter((line) => /^\s*(?:kdeploy|ParameterChanged): /.test(line));
    expect(quoted).to.have.length.above(9);
    // Values and a server's own words stand in the middle; the end is the advice.
    const advice = quoted.flatMap((line) => line.match(/[a-z]+(?: [a-z]+){3,}/g)?.at(-1) ?? []);
    expect(advice).to.have.length.above(9);
    for (const words of advice) expect(sources).to.contain(words.split(' ').slice(-4).join(' '));
  });

  it('gives every error code its exit code', () => {
    const rows = tableRows(section(guide, '## Exit codes'));
    const listed = rows.flatMap(([code, , names]) => codeIn(names ?? '').map((name) => [name, Number(code)] as const));
    expect(Object.fromEntries(listed)).to.deep.equal({ ...EXIT_CODES, unexpected: 1 });
  });

  it('quotes messages as the code has them', () => {
    const sources = ['src', 'templates/runtime', 'python/src'].flatMap(sourceTexts).join('\n');
    const quoted = tableRows(section(guide, '## Troubleshooting'))
      .flatMap(([symptom]) => codeIn(symptom ?? ''))
      .filter((text) => text.includes(' ') && !FOREIGN.includes(text) && !text.startsWith('kdeploy run'));
    expect(quoted).to.have.length.above(20);
    for (const message of quoted) {
      for (const part of message.replace(/^kdeploy: /, '').split('…')) {
        expect(sources, message).to.contain(part.trim());
      }
    }
  });
});

/** Docker's and Python's own words. */
const FOREIGN = ['was found but does not match the specified platform'];

/** The files of a folder, with the line breaks taken out that formatters put into long texts. */
function sourceTexts(folder: string): string[] {
  const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\.(?:ts|py)$/.test(file))
    .map((file) => readFileSync(path.join(root, folder, file), 'utf8').replaceAll(/["']\s*\n\s*f?["']/g, ''));
}
