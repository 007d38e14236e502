import type { Flaw, Judge } from '../fields.js';

/*
 * Names as Kubernetes and Airflow accept them (k8s.io/apimachinery/pkg/util/validation; airflow/utils/helpers.py,
 * validate_key), so that a mistake is found before a DAG is imported or a pod is created.
 */

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

export const isDnsLabel = (name: string): boolean => DNS_LABEL.test(name);
export const isDnsSubdomain = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((part) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(part));

function named(test: (name: string) => boolean, message: string, remedy: string): Judge<string> {
  return (name) => (test(name) ? undefined : { message, remedy });
}

export const dnsLabelFlaw = named(
  isDnsLabel,
  'is not a name that Kubernetes accepts here',
  'use at most 63 lower-case letters, digits and "-", with a letter or digit at both ends: data-science',
);

/** Secrets, service accounts, claims, storage classes. */
export const dnsSubdomainFlaw = named(
  isDnsSubdomain,
  'is not a name that Kubernetes accepts',
  'use lower-case letters, digits, "-" and ".", with a letter or digit at both ends: my-claim',
);

export const labelKeyFlaw: Judge<string> = (key) => {
  const slash = key.lastIndexOf('/');
  const isValid = LABEL_PART.test(key.slice(slash + 1)) && (slash < 0 || isDnsSubdomain(key.slice(0, slash)));
  if (isValid) return undefined;
  return {
    message: 'is not a key that Kubernetes accepts',
    remedy:
      'use NAME or PREFIX/NAME: letters, digits, "-", "_" and "." in the name (at most 63), a DNS name as the prefix',
  };
};

export const labelValueFlaw = named(
  (value) => value === '' || LABEL_PART.test(value),
  'is not a value that Kubernetes accepts for a label',
  'use at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends; longer texts are for annotations',
);

export const secretKeyFlaw = named(
  (key) => /^[-._a-zA-Z0-9]{1,253}$/.test(key),
  'is not a key of a Kubernetes secret',
  'use letters, digits, "-", "_" and "."',
);

export const variableNameFlaw = named(
  (name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name),
  'is not a valid variable name',
  'use letters, digits and "_", and no digit first',
);

/** Airflow's ids of DAGs, tasks and connections. */
export const isAirflowId = (id: string): boolean => /^[\w.-]{1,250}$/.test(id);

export const airflowIdFlaw = named(
  isAirflowId,
  'is not a name that Airflow accepts',
  'use at most 250 letters, digits, "-", "_" and "."',
);

/** Airflow 2.11 imports no task with another one. Pools are stored with at most 256 characters. */
export const poolFlaw = named(
  (pool) => /^[\p{L}\p{N}_.-]{1,256}$/u.test(pool),
  'is not the name of a pool that each Airflow accepts',
  'use letters, digits, "-", "_" and ".", and no spaces',
);

/** airflow/sdk/definitions/asset: at most 1500 characters of ASCII, none of them a space, and not the scheme airflow. */
export const isAssetUri = (uri: string): boolean => /^(?!airflow:)[\x21-\x7e]{1,1500}$/.test(uri);

export const assetFlaw = named(
  isAssetUri,
  "is not an asset's URI",
  'write it as it is in the DAG that updates it: s3://bucket/flights',
);

export const absolutePathFlaw: Judge<string> = (path): Flaw | undefined =>
  /^\/(?!.*[:\0])/.test(path) && !path.split('/').includes('..')
    ? undefined
    : { message: 'is not a path in the container', remedy: 'write an absolute path without ":" and "..": /etc/tokens' };
