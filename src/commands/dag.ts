import { Args, type Interfaces } from '@oclif/core';
import type { DagImage, DagRequest, PlannedDag } from '../airflow/plan-dag.js';
import { lastBuild } from '../builders/last-build.js';
import { DEFAULT_DAG_SETTINGS, type DagSettings } from '../config/settings/dag-settings.js';
import { KdeployError } from '../errors.js';
import { publicFinding, type Finding, type PublicFinding } from '../finding.js';
import { parseReference, type ImageReference } from '../image/reference.js';
import type { Progress } from '../progress.js';
import type { Project } from '../project/project.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { findingsText } from '../ui/findings-text.js';
import { dagFlags, isPrinted, placesOf, withFlags } from '../ui/dag-flags.js';
import { environmentFlag } from '../ui/flags.js';
import { openProjectOf } from '../ui/open-project.js';
import { hasColours } from '../ui/terminal.js';

export interface DagResult {
  /** `name@sha256:…`. */
  readonly image: string;
  readonly dags: readonly DagFile[];
  /** Warnings and notes about the tasks; an error would be the command's. */
  readonly findings: readonly PublicFinding[];
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

  static override flags = { ...environmentFlag, ...dagFlags };

  async run(): Promise<DagResult> {
    const { args, flags } = await this.parse(Dag);
    const progress = this.progress(flags);
    const { project, settings, ...environment } = await openProjectOf(flags, progress);
    const dag = await withFlags(settings.dag ?? DEFAULT_DAG_SETTINGS, project.root, flags);
    // What only this command needs is loaded by it, for the others are in one file with it.
    const [{ airflowSettings }, { settingsEnvironment }, { planDags }, { renderDag }] = await Promise.all([
      import('../config/settings/airflow/airflow-settings.js'),
      import('../airflow/settings-environment.js'),
      import('../airflow/plan-dags.js'),
      import('../airflow/plan-dag.js'),
    ]);
    const airflow = await airflowSettings(settings);
    const references = await this.references(args.image, project, dag, flags.check);
    const images = new Map<string, DagImage>();
    const requests: DagRequest[] = [];
    for (const [pipeline, reference] of references) {
      const key = reference.toString();
      const image = images.get(key) ?? (await this.readImage(reference, project, flags.platform, progress));
      images.set(key, image);
      requests.push({ image, pipeline, dag, settings: airflow, places: placesOf(settings, flags) });
    }
    const read = (file: string) => project.source.read(file);
    const asked = [...images.values()].map((image) => settingsEnvironment(image, { ...environment, read }));
    const { dags, findings: found } = planDags(requests);
    const findings = [...found, ...(await Promise.all(asked)).flat()];
    this.report(findings, progress);
    const texts = dags.map(({ request, plan }) => ({ plan, text: renderDag(plan, request, flags.format) }));
    const results = isPrinted(flags) ? this.print(texts) : await this.write(project, texts, flags, progress);
    return { image: requests[0]?.image.reference ?? '', dags: results, findings: findings.map(publicFinding) };
  }

  /** For each pipeline its image. With --check the one that the committed file names: what else has changed is what it asks. */
  private async references(
    image: string | undefined,
    project: Project,
    dag: DagSettings,
    isCheck: boolean,
  ): Promise<ReadonlyMap<string, ImageReference>> {
    const pipelines = [...new Set(dag.pipelines)];
    if (isCheck && image === undefined) {
      const { committedImages } = await import('../airflow/committed-dags.js');
      const { images, findings } = await committedImages(dag, project.packageName, (file) => project.source.read(file));
      if (findings.length > 0) throw outdated(findings);
      return images;
    }
    const name = image ?? (await lastBuild(StateFolder.ofUser(), project.root)).tags[0];
    const reference = parseReference(name).withDefaultTag();
    return new Map(pipelines.map((pipeline) => [pipeline, reference]));
  }

  private async readImage(
    reference: ImageReference,
    { packageName }: Project,
    platform: string | undefined,
    progress: Progress,
  ): Promise<DagImage> {
    const { describedImage } = await import('../inspect/described-image.js');
    return progress.step('reading the pipelines of the image', async (step) => {
      const options = { platform, state: StateFolder.ofUser(), environment: process.env, signal: this.signal };
      const image = await describedImage(reference, options, step);
      step.result(image.reference.digest);
      const { package: found } = image.structure;
      if (found !== packageName) {
        throw new KdeployError('image-unusable', `the image contains the project ${found}, not ${packageName}`, {
          hint: 'name the image of this project, or pass --project',
        });
      }
      return { ...image, reference: image.reference.toString() };
    });
  }

  /** Warnings are shown; with an error nothing is written. */
  private report(findings: readonly Finding[], progress: Progress): void {
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      const isUsage = errors.every(({ rule }) => USAGE.includes(rule));
      throw new KdeployError(isUsage ? 'usage' : 'findings', 'no DAG was written: its tasks would not work', {
        findings,
        hint: 'fix what is listed above; no file was changed',
      });
    }
    if (findings.length > 0)
      progress.note(findingsText(findings, { colours: hasColours(process.stderr, process.env) }));
  }

  private print(texts: readonly PlannedText[]): DagFile[] {
    for (const { text } of texts) this.logAsIs(text);
    return texts.map(({ plan }) => fileOf(plan, 'printed'));
  }

  private async write(
    project: Project,
    texts: readonly PlannedText[],
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<DagFile[]> {
    const [{ isGenerated }, { writtenFile }, { applyChanges }] = await Promise.all([
      import('../airflow/generated-file.js'),
      import('../fix/written-file.js'),
      import('../fix/apply-changes.js'),
    ]);
    const isOurs = flags.force ? () => true : isGenerated;
    const files = await Promise.all(
      texts.map(({ plan, text }) => writtenFile(project.source, { file: plan.file, text }, isOurs)),
    );
    const changes = files.flatMap(({ change }) => change ?? []);
    if (flags.check && changes.length > 0) {
      const [{ notCurrent }, { diffText }] = await Promise.all([
        import('../airflow/committed-dags.js'),
        import('../ui/diff-text.js'),
      ]);
      progress.note(await diffText(changes, { colours: hasColours(process.stderr, process.env) }));
      throw outdated(changes.map(({ file }) => notCurrent(file, 'is not as it would be written')));
    }
    await applyChanges(project.root, changes, ADVICE);
    for (const { file } of files) this.log(file);
    return texts.map(({ plan }, index) => fileOf(plan, files[index]?.state ?? 'unchanged'));
  }
}

interface PlannedText {
  readonly plan: PlannedDag;
  readonly text: string;
}

/** Findings about what the command was told, and not about the pipeline. */
const USAGE: readonly string[] = [
  'unknown-pipeline',
  'unused-key',
  'settings-environment',
  'dag-id',
  'dag-file',
  'waits-for-itself',
];
const ADVICE = { instead: 'choose another file with --output', command: 'kdeploy dag' };

function outdated(findings: readonly Finding[]): KdeployError {
  const files = findings.map(({ place }) => place?.file ?? '').join(', ');
  return new KdeployError('findings', `not as it would be written: ${files}`, {
    findings,
    hint: 'write it again, and commit it: `kdeploy dag`',
  });
}

function fileOf({ id, pipeline, graph, file }: PlannedDag, state: DagFile['state']): DagFile {
  return { dagId: id, pipeline, tasks: graph?.tasks.length ?? 0, file: state === 'printed' ? null : file, state };
}
