import { isMap, valueAt, type SettingsMap } from '../layer.js';
import type { KeyPath } from '../problem.js';

/* Values of settings that may be of any type: what is not of the wanted one is empty. */

export function mapAt(value: unknown, path: KeyPath): SettingsMap {
  const found = valueAt(value, path);
  return isMap(found) ? found : {};
}

export function listAt(value: unknown, path: KeyPath): readonly unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
