import type { EngineContainers } from '../places/engine/containers.js';
import { uniqueName } from '../places/engine/intermediate.js';
import { engineReason, statusOf, type EngineImages } from '../places/engine/images.js';
import { runInImage } from '../places/engine/run-in-image.js';
import { KdeployError, messageOf, type ErrorDetails } from '../errors.js';
import { readStructure } from '../graph/read-structure.js';
import type { Structure } from '../graph/structure.js';
import { RUNTIME_ENTRYPOINT } from '../image/bake-plan.js';
import type { Digest } from '../image/digest.js';
import type { PinnedReference } from '../image/reference.js';
import type { Step } from '../progress.js';
import type { StateFolder } from '../state-folder.js';

/** Kedro needs about 6 s to start and to load a project, and many times that where the platform is emulated. */
const TIMEOUT_MILLISECONDS = 180_000;
const KIND = 'pipelines';
/** What a shell answers for a command that it does not have: a runtime from before `describe` takes it for the task's. */
const NOT_FOUND = 127;
/** What Python answers in an image that an older kdeploy built without tracking. */
const NO_RUNTIME = /No module named '?kdeploy_runtime\b/;

/** What an image is described with, on an engine; made only when an image has to be asked. */
export interface DescribingEngine {
  readonly images: Pick<EngineImages, 'find'>;
  readonly containers: EngineContainers;
  readonly pull: (reference: PinnedReference, step: Pick<Step, 'update'>) => Promise<void>;
}

/**
 * Asks an image for its pipelines. The answer is kept by the image's digest, which names all that it depends on.
 * `reference` has the digest. Throws KdeployError `image-unusable` with what the image says, `image-not-found`,
 * `engine-unreachable`.
 */
export async function pipelinesOf(
  reference: PinnedReference,
  parts: { readonly state: Pick<StateFolder, 'read' | 'write'>; readonly engine: () => Promise<DescribingEngine> },
  step: Pick<Step, 'update'>,
  signal: AbortSignal,
): Promise<Structure> {
  const kept = await keptStructure(parts.state, reference.digest);
  if (kept !== undefined) return kept;
  const engine = await parts.engine();
  const document = await describe(engine, reference, step, signal);
  const structure = readStructure(document);
  await parts.state.write(KIND, reference.digest, document);
  return structure;
}

/** What was asked before; `undefined`: nothing that this version can read. */
export async function keptStructure(state: Pick<StateFolder, 'read'>, digest: Digest): Promise<Structure | undefined> {
  const note = await state.read(KIND, digest);
  try {
    return note === undefined ? undefined : readStructure(note);
  } catch {
    // Kept by another version: the image is asked again.
    return undefined;
  }
}

async function describe(
  engine: DescribingEngine,
  pinned: PinnedReference,
  step: Pick<Step, 'update'>,
  signal: AbortSignal,
): Promise<object> {
  const reference = pinned.toFamiliarString();
  if ((await engine.images.find(reference)) === undefined) await engine.pull(pinned, step);
  const image = await engine.images.find(reference);
  if (image === undefined)
    throw new KdeployError('image-not-found', `the engine does not have ${reference}, although it pulled it`);
  step.update('starting Kedro in the image');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLISECONDS)]);
  const options = {
    image: image.id,
    name: uniqueName('describe'),
    entrypoint: RUNTIME_ENTRYPOINT,
    command: ['describe', '--json'],
    network: 'none',
  };
  const toEnd = (error: unknown): never => {
    if (signal.aborted) throw new KdeployError('interrupted', 'interrupted', { cause: error });
    if (!limit.aborted) throw error;
    throw unusable(reference, `did not describe its pipelines within ${TIMEOUT_MILLISECONDS / 1000} s`, {
      cause: error,
    });
  };
  const ended = await runInImage(engine.containers, options, limit, { toStart: refusedByImage(reference), toEnd });
  const document = lastDocument(ended.stdout);
  if (document !== undefined && !('error' in document)) return document;
  const isOlder = ended.exitCode === NOT_FOUND || ended.stderr.some((line) => NO_RUNTIME.test(line));
  if (document === undefined && isOlder)
    throw unusable(reference, 'was built with a kdeploy that did not know this command', {
      hint: 'build and push it again: `kdeploy build --push`',
    });
  const { message, hint } = reasonIn(document);
  throw unusable(reference, `could not describe its pipelines${message === undefined ? '' : `: ${message}`}`, {
    hint: hint ?? `look at it in the image: \`docker run --rm ${reference} kedro registry list\``,
    ...(document === undefined && { output: [...ended.stdout, ...ended.stderr].slice(-20) }),
  });
}

/** The engine answers 400 for a command that the image does not have or cannot execute. */
function refusedByImage(reference: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error) || statusOf(error.cause) !== 400) throw error;
    throw unusable(reference, `could not be started: ${engineReason(error.cause)}`, { cause: error });
  };
}

/** What the project prints by itself comes before it. */
function lastDocument(lines: readonly string[]): object | undefined {
  const line = lines.findLast((text) => text.startsWith('{'));
  if (line === undefined) return undefined;
  try {
    return JSON.parse(line) as object;
  } catch (error) {
    throw new KdeployError('image-unusable', `the image did not print valid JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function reasonIn(document: object | undefined): { readonly message?: string; readonly hint?: string } {
  const error = document !== undefined && 'error' in document ? document.error : undefined;
  if (typeof error !== 'object' || error === null) return {};
  const text = (key: string): string | undefined => {
    const value = (error as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' ? value : undefined;
  };
  const [message, hint] = [text('message'), text('hint')];
  return { ...(message !== undefined && { message }), ...(hint !== undefined && { hint }) };
}

function unusable(reference: string, words: string, details: ErrorDetails = {}): KdeployError {
  return new KdeployError('image-unusable', `the image ${reference} ${words}`, details);
}
