import { planDag, renderDag, type DagRequest } from '../../../src/airflow/plan-dag.js';
import {
  DEFAULT_DAG_SETTINGS,
  type AirflowSettings,
  type DagSettings,
  type KubernetesSettings,
} from '../../../src/config/settings/dag-settings.js';
import type { Structure } from '../../../src/graph/structure.js';
import { structure } from '../graph/sample.js';
import { IMAGE, plainSettings } from './sample.js';

/** What differs from an image of two nodes that track their runs, with nothing configured. */
export interface Given {
  readonly nodes?: readonly string[];
  readonly structure?: Structure;
  readonly pipeline?: string;
  readonly dag?: Partial<DagSettings>;
  readonly settings?: Partial<AirflowSettings>;
  readonly kubernetes?: Partial<KubernetesSettings>;
  readonly tracked?: boolean;
  readonly authentication?: readonly string[];
  readonly env?: readonly string[];
  /** The Kedro environment of the build. */
  readonly builtFor?: string;
  readonly places?: DagRequest['places'];
}

export function requestOf(given: Given): DagRequest {
  const { nodes = ['a: raw -> x', 'b: x -> y'], tracked = true, kubernetes = {} } = given;
  return {
    image: {
      reference: IMAGE,
      baked: {
        version: '0.1.0',
        plan: 'sha256:p',
        env: given.builtFor,
        trackingUri: tracked ? 'https://mlflow.example.com' : undefined,
        experiment: tracked ? 'flights' : undefined,
        authentication: given.authentication ?? [],
      },
      revision: null,
      source: null,
      env: given.env ?? [],
      structure: given.structure ?? structure(nodes),
    },
    pipeline: given.pipeline ?? '__default__',
    dag: { ...DEFAULT_DAG_SETTINGS, ...given.dag },
    settings: { ...plainSettings, ...given.settings, kubernetes: { ...plainSettings.kubernetes, ...kubernetes } },
    places: given.places ?? {},
  };
}

/** `error dag-id: …`, of a DAG planned alone. */
export const findingsOf = (given: Given): string[] =>
  planDag(requestOf(given)).findings.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`);
export const textOf = (given: Given): string => {
  const asked = requestOf(given);
  return renderDag(planDag(asked), asked, 'python');
};
