import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { renderInitialConfig, type InitialConfig } from '../../../../src/config/init/initial-config.js';

const template = readFileSync(new URL('../../../../templates/kdeploy.yml', import.meta.url), 'utf8');

const nothingKnown: InitialConfig = {
  projectName: 'Flights',
  packageName: 'flights',
  repository: undefined,
  image: undefined,
  legacy: undefined,
  schema: undefined,
};

const render = (changes: Partial<InitialConfig>) =>
  renderInitialConfig(template, { ...nothingKnown, ...changes }, (value) =>
    stringify(value, { version: '1.1', lineWidth: 0 }),
  );

describe('the first kdeploy.yml', () => {
  it('starts with a comment and ends with one line break', () => {
    const text = render({});
    expect(text.startsWith('# How kdeploy builds the image of Flights,')).to.equal(true);
    expect(text).to.match(/[^\n]\n$/);
    expect(text).not.to.match(/\{\{|\}\}/);
  });

  it('keeps to 120 columns', () => {
    expect(
      render({})
        .split('\n')
        .filter((line) => line.length > 120),
    ).to.deep.equal([]);
  });

  it('puts into quotes what YAML would take for something else', () => {
    const image = (name: string) =>
      (parse(render({ image: { name } }), { version: '1.1' }) as { image: { name: unknown } }).image.name;
    for (const name of ['on', '1_000', '12:30', 'null', '1.10']) expect(image(name)).to.equal(name);
  });

  it('is the same data whatever the project is called', () => {
    const expected: unknown = parse(render({}));
    fc.assert(
      fc.property(fc.string(), fc.string(), (projectName, packageName) => {
        expect(parse(render({ projectName, packageName }))).to.deep.equal(expected);
      }),
    );
    expect(parse(render({ projectName: 'a\nimage: {name: b}', packageName: 'a\r\nb: c' }))).to.deep.equal(expected);
  });

  it('fails loudly on a template with a placeholder that nobody fills', () => {
    expect(() => renderInitialConfig('{{imge}}', nothingKnown, stringify)).to.throw('unknown placeholder, imge');
  });
});
