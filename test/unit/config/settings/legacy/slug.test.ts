import { expect } from 'chai';
import { pluginSlug } from '../../../../../src/config/settings/legacy/slug.js';

/** What python-slugify 9.2 makes of each; test/integration/configuration-differential asks the real one. */
const SLUGS: readonly [name: string, slug: string | undefined][] = [
  ['spaceflights', 'spaceflights'],
  ['Airflow K8S Demo', 'airflow-k8s-demo'],
  ['churn_model', 'churn-model'],
  ["the team's churn", 'the-team-s-churn'],
  ['the team’s churn', 'the-teams-churn'],
  ['1,000 runs, 2,5', '1000-runs-25'],
  ['--a--b--', 'a-b'],
  ['R&D', 'r-d'],
  ['Größe über alles', 'grosse-uber-alles'],
  ['Źródło danych – żółw', 'zrodlo-danych-zolw'],
  ['Ærø Þór Đorđe œuvre', 'aero-thor-dorde-oeuvre'],
  ['', ''],
  ['Погода', undefined],
  ['天気', undefined],
  ['R&amp;D', undefined],
];

describe('the experiment that kedro-airflow-k8s made of a name', () => {
  for (const [name, slug] of SLUGS) {
    it(`is ${slug === undefined ? 'not guessed' : JSON.stringify(slug)} for ${JSON.stringify(name)}`, () => {
      expect(pluginSlug(name)).to.equal(slug);
    });
  }
});
