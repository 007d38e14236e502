import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { AIRFLOW_FIELDS, AUTHENTICATION_FIELDS, SECTION_FIELDS } from '../../../src/config/schema.js';
import { SETTINGS_VARIABLES } from '../../../src/config/variables.js';
import { EXIT_CODES } from '../../../src/errors.js';
import { TAG_PLACEHOLDERS } from '../../../src/image/tag-template.js';
import { codeIn, readDocument, root, section, tableRows } from './documents.js';

const guide = readDocument('docs/guide.md');

describe('the guide', () => {
  it('has a section for every command and for no other', () => {
    const commands = readdirSync(path.join(root, 'src/commands')).map((file) => path.basename(file, '.ts'));
    const sections = [...section(guide, '## Commands').matchAll(/^### (\S+)$/gm)].map(([, name]) => name ?? '');
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
      .filter(([name, key]) => name !== 'run_config' || !legacy.includes(key));
    expect(listed).to.include.members(keys.map((key) => key.join('.')));
    expect(codeIn(section(guide, '### The file of kedro-airflow-k8s'))).to.include.members(legacy);
  });

  it('explains every placeholder of a tag', () => {
    const listed = tableRows(section(guide, '### Keys')).flatMap(([key]) => codeIn(key ?? ''));
    expect(listed).to.include.members(TAG_PLACEHOLDERS.map((name) => `{${name}}`));
  });

  it('has a section for every authentication type, with all of its keys', () => {
    const page = section(guide, '## Authentication to MLflow');
    for (const [type, fields] of Object.entries(AUTHENTICATION_FIELDS)) {
      const text = section(page, `### ${type}`);
      for (const key of Object.keys(fields)) expect(text, `${type}: ${key}`).to.match(new RegExp(`\\b${key}\\b`));
    }
  });

  it('gives every error code its exit code', () => {
    const rows = tableRows(section(guide, '## Exit codes'));
    const listed = rows.flatMap(([code, , names]) => codeIn(names ?? '').map((name) => [name, Number(code)] as const));
    expect(Object.fromEntries(listed)).to.deep.equal({ ...EXIT_CODES, unexpected: 1 });
  });

  it('quotes messages as the code has them', () => {
    const sources = ['src', 'templates/runtime'].flatMap(sourceTexts).join('\n');
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
