import { isMap, type Layer, type SettingsMap } from '../layer.js';
import type { SettingsWarning } from '../settings.js';

/**
 * kedro-airflow-k8s passed the `params` of any type to its handler, and GoogleOAuth2's only parameter is the audience
 * (kedro_airflow_k8s/operators/start_mlflow_experiment.py). One that looks like the name of a variable was never one: it is
 * left over from `Vars`, and the audience comes from GOOGLE_AUDIENCE as before.
 */
export function withAudienceOfParams(layer: Layer, run: SettingsMap, warnings: SettingsWarning[]): SettingsMap {
  const { authentication } = run;
  const isList = Array.isArray(authentication);
  const entries = isList ? (authentication as unknown[]) : [authentication];
  const changed = entries.map((entry, index) => {
    if (!isMap(entry) || entry.type !== 'GoogleOAuth2' || entry.params === undefined) return entry;
    const { params, ...rest } = entry;
    const given = (Array.isArray(params) ? (params as unknown[]) : [params]).filter(
      (param) => param !== null && param !== '',
    );
    if (given.length === 0) return rest;
    const origin = layer.originOf(['run_config', 'authentication', ...(isList ? [index] : []), 'params']);
    const [audience] = given;
    if (given.length > 1 || typeof audience !== 'string' || isVariableName(audience) || isSet(rest.audience)) {
      warnings.push({
        ...origin,
        message: 'the params of GoogleOAuth2 are ignored: its only parameter is the audience',
        remedy: 'remove params; set audience, or pass GOOGLE_AUDIENCE to the container',
      });
      return rest;
    }
    warnings.push({
      ...origin,
      message: 'the params of GoogleOAuth2 are used as its audience, as kedro-airflow-k8s did',
      remedy: 'use the key audience instead',
    });
    return { ...rest, audience };
  });
  return authentication === undefined ? run : { ...run, authentication: isList ? changed : changed[0] };
}

function isVariableName(text: string): boolean {
  return /^[A-Z_][A-Z0-9_]*$/.test(text);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
