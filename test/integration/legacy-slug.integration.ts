import { expect } from 'chai';
import { execa } from 'execa';
import { pluginSlug } from '../../src/config/settings/legacy/slug.js';
import { environment } from '../support/environment/mocha.js';

/** Kedro's `new` brings python-slugify, which kedro-airflow-k8s used. */
const SCRIPT =
  'import json, sys; from slugify import slugify; print(json.dumps([slugify(name) for name in json.load(sys.stdin)]))';

describe('the slugs of kedro-airflow-k8s', () => {
  it('are those that python-slugify makes, for every Latin letter, ASCII character and phrases of both', async () => {
    const range = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => `a${String.fromCodePoint(from + index)}b 1`);
    const phrases = [
      "the team's churn",
      'the team’s “churn” – 1,000',
      'Größe_über  alles',
      'Źródło żółw',
      'a&b;c',
      '1,2,,3',
    ];
    const names = [...range(0x20, 0x7f), ...range(0xc0, 0x180), ...phrases];
    const { stdout } = await execa(environment().python, ['-c', SCRIPT], { input: JSON.stringify(names) });
    const real = JSON.parse(stdout) as string[];
    const known = names.flatMap((name, index) => {
      const slug = pluginSlug(name);
      return slug === undefined ? [] : [{ name, slug, real: real[index] }];
    });
    expect(known.filter(({ slug, real: theirs }) => slug !== theirs)).to.deep.equal([]);
    expect(known.length).to.be.greaterThan(names.length - 12);
  });
});
