import type { Finding } from '../finding.js';
import { layerSteps, shortStep } from '../image/layer-steps.js';
import type { HistoryStep } from '../image/manifest.js';
import { isDeleted } from '../image/whiteout.js';
import type { SecretVerdict } from '../secrets/secret-files.js';
import { judgeVariable, judgeWords } from '../secrets/variables.js';

/** The name of these findings; they come from no rule of a project. */
export const IMAGE_HAS_NO_CREDENTIALS = 'image-has-no-credentials';

export interface FoundFile {
  /** In the image, without the first slash. */
  readonly path: string;
  readonly verdict: SecretVerdict;
}

export interface LayerContents {
  readonly files: readonly FoundFile[];
  /** Folders of git repositories: `home/kedro_docker/.git`. */
  readonly repositories: readonly string[];
  /** Files, and folders with a slash behind them, that the layers below have and this one takes away. */
  readonly deleted: readonly string[];
  /** True when it is compressed in a way that this Node.js cannot read. */
  readonly isUnread: boolean;
}

export interface ImageContents {
  readonly layers: readonly (LayerContents & { readonly digest: string })[];
  readonly history: readonly HistoryStep[];
  /** `NAME=value` */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The secrets in an image, readable by everyone who can pull it; each finding names the layer, none the secret. */
export function imageSecrets({ layers, history, env, labels }: ImageContents): Finding[] {
  const steps = layerSteps(history, layers.length);
  const inLayers = layers.flatMap(({ digest, files, repositories, isUnread }, index) => {
    const step = steps?.[index];
    const made = step === undefined ? '' : `, ${shortStep(step.createdBy)}`;
    const layer = `layer ${index + 1} of ${layers.length} (${digest.slice(0, 'sha256:'.length + 12)}${made})`;
    if (isUnread) return [unreadLayer(layer)];
    const end = (path: string): string =>
      layers.slice(index + 1).some(({ deleted }) => deleted.some((each) => isDeleted(path, each)))
        ? '; a later layer deletes it, but it can still be read'
        : '';
    const inFiles = files.map((file): Finding => {
      const line = file.verdict.line === undefined ? '' : `, line ${file.verdict.line}`;
      return finding(
        file.verdict.isCertain,
        `/${file.path}${line} in ${layer} ${file.verdict.why}${end(file.path)}`,
        'keep it out of the build (.dockerignore, or RUN --mount=type=secret), rebuild, and revoke it where it was issued',
      );
    });
    const inRepositories = repositories.map((folder) =>
      finding(
        false,
        `/${folder} in ${layer} is a git repository: everything that was ever committed can be read from it${end(folder)}`,
        "exclude it from the image (echo '.git' >> .dockerignore), rebuild, and revoke what was ever committed by mistake",
      ),
    );
    return [...inFiles, ...inRepositories];
  });
  return [...inLayers, ...inConfiguration(env, labels), ...inHistory(history)];
}

function inConfiguration(env: readonly string[], labels: ImageContents['labels']): Finding[] {
  const remedy = 'remove it from the Dockerfile, and pass it to the container as an environment variable';
  const variables = env.flatMap((entry) => {
    const [name = '', value = ''] = entry.split(/=(.*)/s);
    const verdict = judgeVariable(name, value);
    const why = verdict?.why.startsWith('sets ') === true ? '' : ` ${verdict?.why ?? ''}`;
    return verdict === undefined
      ? []
      : [
          finding(
            verdict.isCertain,
            `the image sets ${name} to a value${why === '' ? '' : ` that${why}`}; anyone with the image can read it`,
            remedy,
          ),
        ];
  });
  const labelled = Object.entries(labels).flatMap(([name, value]) => {
    const verdict = judgeWords(value);
    return verdict === undefined ? [] : [finding(true, `the label ${name} ${verdict.why}`, remedy)];
  });
  return [...variables, ...labelled];
}

function inHistory(history: readonly HistoryStep[]): Finding[] {
  return history.flatMap(({ createdBy }, index) => {
    // What ENV and LABEL set is also in the configuration.
    if (/^(?:\/bin\/sh -c #\(nop\)\s+)?(?:ENV|LABEL)\s/.test(createdBy)) return [];
    const verdict = judgeWords(createdBy) ?? argumentsOf(createdBy).find((each) => each !== undefined);
    if (verdict === undefined) return [];
    return [
      finding(
        verdict.isCertain,
        `step ${index + 1} of the image's history (${shortStep(createdBy)}) ${verdict.why}`,
        'pass it as a build secret: --secret id=NAME,src=FILE, and in the Dockerfile RUN --mount=type=secret,id=NAME',
      ),
    ];
  });
}

/** `|1 TOKEN=abc /bin/sh -c pip install x`: what --build-arg gave to a RUN. */
function argumentsOf(createdBy: string): (SecretVerdict | undefined)[] {
  const [, list = ''] = /^(?:RUN )?\|\d+ (.*?) ?\/bin\/sh -c /s.exec(createdBy) ?? [];
  const given = /^(?:\/bin\/sh -c #\(nop\)\s+)?ARG (\S+=.*)$/s.exec(createdBy)?.[1];
  return [...list.split(' '), ...(given === undefined ? [] : [given])].map((entry) => {
    const [name = '', value = ''] = entry.split(/=(.*)/s);
    return judgeVariable(name, value);
  });
}

function unreadLayer(layer: string): Finding {
  return finding(
    false,
    `${layer} was not scanned: it is compressed with zstd`,
    'run kdeploy with Node.js 22.15 or later, or pull the image and check it on the engine: docker pull',
  );
}

function finding(isCertain: boolean, message: string, remedy: string): Finding {
  return { rule: IMAGE_HAS_NO_CREDENTIALS, severity: isCertain ? 'error' : 'warning', message, remedy };
}
