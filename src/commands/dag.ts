import { Args, Flags, type Interfaces } from '@oclif/core';
import { imageIn, isGenerated } from '../airflow/generated-file.js';
import {
  DAG_FORMATS,
  dagId,
  fileName,
  planDag,
  renderDag,
  type DagRequest,
  type PlannedDag,
} from '../airflow/plan-dag.js';
import { lastBuild } from '../builders/last-build.js';
import { airflowSettings } from '../config/settings/airflow/airflow-settings.js';
import { DAG_SHAPES, DAG_TARGETS, DEFAULT_DAG_SETTINGS, type DagSettings } from '../config/settings/dag-settings.js';
import { localImages } from '../engine/local-images.js';
import { KdeployError } from '../errors.js';
import { applyChanges } from '../fix/apply-changes.js';
import type { FileChange } from '../fix/file-change.js';
import { GROUPINGS } from '../graph/grouping/grouping.js';
import { selectedPlatform } from '../image/platform.js';
import { parseReference, type ImageReference } from '../image/reference.js';
import { deployableImage } from '../inspect/deployable-image.js';
import { pipelinesOf } from '../inspect/pipelines.js';
import type { Progress } from '../progress.js';
import type { Project } from '../project/project.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { diffText } from '../ui/diff-text.js';
import { findingsText } from '../ui/findings-text.js';
import { environmentFlag } from '../ui/flags.js';
import { openProjectOf } from '../ui/open-project.js';
import { hasColours } from '../ui/terminal.js';

export interface DagResult {
  /** `name@sha256:…`. */
  readonly image: string;
  readonly dags: readonly DagFile[];
}

export interface DagFile {
  readonly dagId: string;
  readonly pipeline: string;
  readonly tasks: number;
  /** Relative to the project; `null` where it went to stdout. */
  readonly file: string | null;
  /** What became of the file. */
  readonly state: 'created' | 'changed' | 'unchanged' | 'printed';
}

type ParsedFlags = Interfaces.InferredFlags<typeof Dag.flags & typeof Dag.baseFlags>;

export default class Dag extends BaseCommand<DagResult> {
  static override summary =
    'Write an Airflow DAG that runs the image: one task for each group of nodes, one MLflow run.';

  static override description = `Without IMAGE, it takes the last \`kdeploy build\` of this project, which must have been pushed. The pipeline's nodes and datasets come from the image itself, and the DAG names it by digest. Nothing is written if data would get lost between the tasks. The file needs no kdeploy where Airflow runs.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --pipeline data_science --target docker --output dags/data_science.py',
    {
      description: 'Define a task group, for a DAG of your own',
      command: '<%= config.bin %> <%= command.id %> --as task-group',
    },
    {
      description: 'Fail in CI if the committed DAG is not the one that would be written',
      command: '<%= config.bin %> <%= command.id %> --check',
    },
    {
      description: 'Draw the tasks, for a pull request',
      command: '<%= config.bin %> <%= command.id %> --format mermaid',
    },
  ];

  static override args = {
    image: Args.string({
      description: 'the image: name:tag or name@sha256:… (default: the last build; with --check: the one in the file)',
    }),
  };

  static override flags = {
    ...environmentFlag,
    pipeline: Flags.string({
      char: 'p',
      description: 'a Kedro pipeline; can be repeated, a file each (default: __default__)',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
    }),
    target: Flags.option({ options: DAG_TARGETS, description: 'where the tasks run (default: kubernetes)' })(),
    as: Flags.option({
      options: DAG_SHAPES,
      description: 'a DAG, or a task group for a DAG of your own (default: dag)',
    })(),
    'group-by': Flags.option({
      options: GROUPINGS,
      description: 'which nodes share a task; those with in-memory data between them always do (default: memory)',
    })(),
    'group-tag': Flags.string({
      description: 'with --group-by tag: a tag whose nodes share a task; can be repeated',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TAG',
    }),
    output: Flags.string({
      char: 'o',
      description:
        'the file, relative to the project; {dag_id} and {pipeline} are filled in; - for stdout (default: dags/{dag_id}.py)',
      helpValue: 'FILE',
    }),
    check: Flags.boolean({
      description: 'write nothing; exit with 1 if a file is not as it would be written',
      exclusive: ['format', 'force'],
    }),
    format: Flags.option({
      options: DAG_FORMATS,
      description: 'the file for Airflow, or a drawing, which is printed unless --output names a file',
      default: 'python',
    })(),
    force: Flags.boolean({ description: 'overwrite a file that kdeploy did not write' }),
    platform: Flags.string({ description: 'the platform of a multi-platform image', helpValue: 'OS/ARCH' }),
  };

  async run(): Promise<DagResult> {
    const { args, flags } = await this.parse(Dag);
    const progress = this.progress(flags);
    const { project, settings } = await openProjectOf(flags, progress);
    const dag = withFlags(settings.dag ?? DEFAULT_DAG_SETTINGS, flags);
    const airflow = await airflowSettings(settings);
    const image = await this.readImage(
      await this.named(args.image, project, dag, flags.check),
      flags.platform,
      progress,
    );
    if (image.structure.package !== project.packageName) {
      throw new KdeployError(
        'image-unusable',
        `the image contains the project ${image.structure.package}, not ${project.packageName}`,
        { hint: 'name the image of this project, or pass --project' },
      );
    }

    const requests = dag.pipelines.map((pipeline): DagRequest => ({
      image,
      pipeline,
      dag,
      settings: airflow,
      kdeployVersion: this.config.version,
    }));
    const planned = requests.map((request) => ({ request, plan: planDag(request) }));
    this.report(
      planned.map(({ plan }) => plan),
      progress,
    );
    const texts = planned.map(({ request, plan }) => ({ plan, text: renderDag(plan, request, flags.format) }));
    const isPrinted = flags.output === '-' || (flags.format !== 'python' && flags.output === undefined);
    if (isPrinted) {
      for (const { text } of texts) this.logAsIs(text);
      return { image: image.reference, dags: texts.map(({ plan }) => fileOf(plan, 'printed')) };
    }
    const changes = await changesOf(project, texts, flags.force);
    if (flags.check) await this.check(changes);
    else
      await applyChanges(
        project.root,
        changes.flatMap(({ change }) => change ?? []),
      );
    for (const { plan } of changes) this.log(plan.file);
    return { image: image.reference, dags: changes.map(({ plan, state }) => fileOf(plan, state)) };
  }

  /** With --check the image that the committed file names: what else has changed is what it asks. */
  private async named(
    image: string | undefined,
    project: Project,
    dag: DagSettings,
    isCheck: boolean,
  ): Promise<ImageReference> {
    const [pipeline = ''] = dag.pipelines;
    const file = fileName(dag, dagId(dag.id, project.packageName, pipeline), pipeline);
    const committed = isCheck ? (await project.source.read(file))?.toString('utf8') : undefined;
    const name = image ?? (committed === undefined ? undefined : imageIn(committed));
    const reference = parseReference(name ?? (await lastBuild(StateFolder.ofUser(), project.root)).tags[0]);
    return reference.tag === undefined && reference.digest === undefined ? reference.withTag('latest') : reference;
  }

  private async readImage(
    reference: ImageReference,
    platformName: string | undefined,
    progress: Progress,
  ): Promise<DagRequest['image']> {
    const platform = selectedPlatform(platformName);
    return progress.step('reading the pipelines of the image', async (step) => {
      const image = await deployableImage(
        {
          readRemoteImage: async (asked) =>
            (await import('../registry/remote-image.js')).readRemoteImage(asked, platform),
          local: async () => (await localImages(this.signal)).images,
        },
        reference,
      );
      const structure = await pipelinesOf(
        image.reference,
        {
          state: StateFolder.ofUser(),
          engine: async () =>
            (await import('../inspect/describing-engine.js')).describingEngine(process.env, this.signal),
        },
        step,
        this.signal,
      );
      step.result(image.reference.digest);
      return { ...image, reference: image.reference.toString(), structure };
    });
  }

  /** Warnings are shown; with an error nothing is written. */
  private report(plans: readonly PlannedDag[], progress: Progress): void {
    const findings = plans.flatMap((plan) => plan.findings);
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      const isUsage = errors.every(({ rule }) => rule === 'unknown-pipeline' || rule === 'unused-key');
      throw new KdeployError(isUsage ? 'usage' : 'findings', 'no DAG was written: its tasks would not work', {
        findings,
        hint: 'fix what is listed above; no file was changed',
      });
    }
    if (findings.length > 0)
      progress.note(findingsText(findings, { colours: hasColours(process.stderr, process.env) }));
  }

  private async check(changes: readonly PlannedFile[]): Promise<void> {
    const outdated = changes.flatMap(({ change }) => change ?? []);
    if (outdated.length === 0) return;
    throw new KdeployError('findings', `not as it would be written: ${outdated.map(({ file }) => file).join(', ')}`, {
      hint: 'write it again: `kdeploy dag`',
      output: (await diffText(outdated, { colours: hasColours(process.stderr, process.env) })).split('\n'),
    });
  }
}

interface PlannedFile {
  readonly plan: PlannedDag;
  readonly state: DagFile['state'];
  /** `undefined`: it is as it would be written. */
  readonly change: FileChange | undefined;
}

/** Throws KdeployError `configuration` for a file that somebody else wrote, and `usage` for two DAGs in one file. */
async function changesOf(
  project: Project,
  texts: readonly { readonly plan: PlannedDag; readonly text: string }[],
  force: boolean,
): Promise<readonly PlannedFile[]> {
  const files = texts.map(({ plan }) => plan.file);
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) {
    throw new KdeployError('usage', `${twice} would be written for several pipelines`, {
      hint: 'name a file for each: --output dags/{dag_id}.py',
    });
  }
  return Promise.all(
    texts.map(async ({ plan, text }): Promise<PlannedFile> => {
      const before = await project.source.read(plan.file);
      const after = Buffer.from(text);
      if (before === undefined) return { plan, state: 'created', change: { file: plan.file, before, after } };
      if (before.equals(after)) return { plan, state: 'unchanged', change: undefined };
      if (!force && !isGenerated(before.toString('utf8'))) {
        throw new KdeployError('configuration', `${plan.file} was not written by kdeploy`, {
          hint: 'choose another file with --output, or overwrite it with --force',
        });
      }
      return { plan, state: 'changed', change: { file: plan.file, before, after } };
    }),
  );
}

function fileOf({ id, pipeline, graph, file }: PlannedDag, state: DagFile['state']): DagFile {
  return { dagId: id, pipeline, tasks: graph?.tasks.length ?? 0, file: state === 'printed' ? null : file, state };
}

function withFlags(dag: DagSettings, flags: ParsedFlags): DagSettings {
  return {
    ...dag,
    target: flags.target ?? dag.target,
    as: flags.as ?? dag.as,
    pipelines: flags.pipeline ?? dag.pipelines,
    groupBy: flags['group-by'] ?? dag.groupBy,
    groupTags: flags['group-tag'] ?? dag.groupTags,
    output: flags.output ?? dag.output,
  };
}
