import { checkGraph } from '../../../../src/graph/check/check-graph.js';
import type { GraphCheckOptions } from '../../../../src/graph/check/rule.js';
import { groupPipeline } from '../../../../src/graph/grouping/group-pipeline.js';
import type { GroupingName, GroupingRequest } from '../../../../src/graph/grouping/grouping.js';
import type { Problem } from '../../../../src/graph/problem.js';
import type { Structure } from '../../../../src/graph/structure.js';
import { request } from '../sample.js';

const SHARED: GraphCheckOptions = {
  sharedFolders: ['/home/kedro_docker/data'],
  storageSetting: 'run_config.volume',
  versionsAgree: false,
  readWriteOnce: false,
  maxTasks: 100,
};

/** What the graph check finds, with shared storage at the project's data folder unless told otherwise. */
export function problemsOf(
  of: Structure,
  by: GroupingName,
  options: Partial<GraphCheckOptions> = {},
  fields: Partial<GroupingRequest> = {},
): readonly Problem[] {
  const asked = request(of, by, fields);
  const { grouped } = groupPipeline(asked);
  return grouped === null ? [] : checkGraph(grouped, asked, { ...SHARED, ...options });
}
