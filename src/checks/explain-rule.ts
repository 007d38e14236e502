import { didYouMean } from '../config/settings/suggestion.js';
import { KdeployError } from '../errors.js';
import { EXPLAINED_IDS } from '../rule-ids.js';
import { quoted } from '../secrets/quoted.js';
import { readRulePage, type RulePage } from './rule-page.js';

/** The page of the check of this name. Throws KdeployError `usage` for a name that no check has. */
export async function explainRule(name: string): Promise<RulePage> {
  const id = EXPLAINED_IDS.find((known) => known === name);
  const page = id === undefined ? undefined : await readRulePage(id);
  if (page !== undefined) return page;
  const meant = await didYouMean(name, EXPLAINED_IDS);
  throw new KdeployError(
    'usage',
    `there is no check ${quoted(name)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    {
      hint:
        meant === undefined
          ? `choose one of these:\n  ${EXPLAINED_IDS.join('\n  ')}`
          : `run kdeploy check --explain ${meant}`,
    },
  );
}
