import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { RULES } from '../../../../src/checks/rules.js';
import { configurationJsonSchema } from '../../../../src/config/settings/json-schema.js';
import { SECTION_FIELDS } from '../../../../src/config/settings/schema.js';

const published: unknown = JSON.parse(
  readFileSync(new URL('../../../../schema/kdeploy.schema.json', import.meta.url), 'utf8'),
);

describe('the JSON Schema of kdeploy.yml', () => {
  it('is published as the code has it (if not: npm run schema)', () => {
    expect(published).to.deep.equal(configurationJsonSchema(RULES));
  });

  it('lets editors complete every key, with a description', () => {
    const text = JSON.stringify(published);
    for (const [section, fields] of Object.entries(SECTION_FIELDS)) {
      for (const key of [section, ...Object.keys(fields)])
        expect(text).to.match(new RegExp(`"${key}":{"description":"[^"]`));
    }
  });

  it('allows off and on for a check, which are false and true to an editor that reads YAML 1.1', () => {
    const level = 'properties.checks.anyOf[0].properties.kedro-project.anyOf';
    expect(published).to.have.nested.property(`${level}[0].enum`).that.includes('off');
    expect(JSON.stringify(published)).to.contain('{"type":"null"},{"type":"boolean"}');
  });

  it('allows one tag and one authentication type instead of a list', () => {
    expect(published).to.have.nested.property('properties.image.anyOf[0].properties.tags.anyOf[0].type', 'string');
    const authentication = 'properties.run_config.anyOf[0].properties.authentication.anyOf';
    expect(published).to.have.nested.property(`${authentication}[0].oneOf[0].type`, 'object');
    expect(published).to.have.nested.property(`${authentication}[1].type`, 'array');
  });
});
