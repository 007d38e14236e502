import { sortedNames } from '../../order.js';
import { namesInWords, type Problem } from '../../problem.js';
import { isOfDatabase, isShared } from '../catalog-line.js';
import type { GraphRule } from '../rule.js';

/** DuckDB lets no second process open a file that one writes to, and SQLite lets it wait. */
export const databaseFile: GraphRule = ({ graph, groupOf, order, options }) => {
  const users = new Map<string, { saving: string[]; all: string[] }>();
  for (const { definitions, savedBy, loadedBy } of graph.datasets)
    for (const { key, path } of definitions.flatMap(({ pathSettings }) => pathSettings)) {
      if (!isOfDatabase(key) || !isShared(path, options.sharedFolders)) continue;
      const { saving, all } = users.get(path) ?? { saving: [], all: [] };
      saving.push(...savedBy.map(groupOf));
      all.push(...[...savedBy, ...loadedBy].map(groupOf));
      users.set(path, { saving, all });
    }
  return sortedNames(users.keys()).flatMap((path): Problem[] => {
    const { saving = [], all = [] } = users.get(path) ?? {};
    const atOnce = saving.flatMap((group) => {
      const others = all.filter((other) => order.mayRunAtOnce(group, other));
      return others.length === 0 ? [] : [group, ...others];
    });
    if (atOnce.length === 0) return [];
    return [
      {
        severity: 'warning',
        kind: 'database-file',
        message: `${namesInWords(sortedNames(atOnce))} may open ${path} at once: a database in a file may be locked for all but one`,
        remedy: 'use a database server, or group the nodes so that these run in one task',
      },
    ];
  });
};
