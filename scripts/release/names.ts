/** What a registry says of a name; `'free'`: nobody has it; `undefined`: it could not be asked. */
export type NameAnswer = TakenName | 'free' | undefined;

export interface TakenName {
  /** Those of its newest release, which whoever uploads it writes. */
  readonly links: readonly string[];
  /** The repository whose workflow published it, as the registry has verified it; `undefined` for an upload by hand. */
  readonly publisher?: string | undefined;
}

export interface NameVerdict {
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Whether the project owns its name. A pending trusted publisher reserves nothing: whoever uploads first has it
 * (pypi/warehouse#16157). So generated files may name a package only if it is there and leads to this repository.
 */
export function judgeName(
  registry: string,
  answer: NameAnswer,
  { repository, isPublished }: { readonly repository: string | undefined; readonly isPublished: boolean },
): NameVerdict {
  if (answer === undefined) {
    const text = `${registry} could not be asked who has the name kdeploy`;
    return isPublished ? { problems: [text], notes: [] } : { problems: [], notes: [text] };
  }
  if (answer === 'free') {
    return isPublished
      ? {
          problems: [`${registry} has no kdeploy, yet IS_PUBLISHED in src/config/init/ci/installation.ts is true`],
          notes: [],
        }
      : { problems: [], notes: [`the name kdeploy is free on ${registry}, so anybody may take it: publish early`] };
  }
  const { links, publisher } = answer;
  if (publisher !== undefined && (repository === undefined || !sameRepository(publisher, repository)))
    return {
      problems: [`kdeploy on ${registry} was published by ${publisher}; it belongs to somebody else`],
      notes: [],
    };
  if (repository === undefined || !links.some((link) => sameRepository(link, repository)))
    return {
      problems: [`kdeploy on ${registry} does not lead to this repository; it belongs to somebody else`],
      notes: [],
    };
  const proof =
    publisher === undefined ? ', by its links alone: its newest release was not published by a workflow' : '';
  return { problems: [], notes: [`kdeploy on ${registry} is this project's${proof}`] };
}

/** `git+https://host/a/b.git` and `https://host/a/b/` are one. */
function sameRepository(one: string, other: string): boolean {
  const plain = (url: string): string =>
    url
      .replace(/^git\+/, '')
      .replace(/[#?].*$/, '')
      .replace(/(?:\.git)?\/*$/, '')
      .toLowerCase();
  return plain(one) === plain(other);
}

/** Asks npm for the package's document; what it says of a publisher it has verified itself. */
export function askNpm(registry = 'https://registry.npmjs.org'): Promise<NameAnswer> {
  return asked(`${registry}/kdeploy`, async (document) => {
    const version = at(document, 'versions', textAt(document, 'dist-tags', 'latest') ?? '');
    const links = [textAt(version, 'repository', 'url'), textAt(version, 'homepage')];
    return { links: present(links), publisher: await npmPublisher(textAt(version, 'dist', 'attestations', 'url')) };
  });
}

/** Asks PyPI for the project, and for the attestations of its newest release (PEP 740). */
export function askPypi(index = 'https://pypi.org'): Promise<NameAnswer> {
  return asked(`${index}/pypi/kdeploy/json`, async (document) => {
    const links = Object.values((at(document, 'info', 'project_urls') ?? {}) as Record<string, unknown>);
    const file = textAt(document, 'urls', '0', 'filename');
    const version = textAt(document, 'info', 'version');
    const provenance = await json(`${index}/integrity/kdeploy/${version ?? ''}/${file ?? ''}/provenance`);
    const publisher = at(provenance, 'attestation_bundles', '0', 'publisher');
    return {
      links: present(links),
      publisher: repositoryOf(textAt(publisher, 'kind'), textAt(publisher, 'repository')),
    };
  });
}

/** SLSA provenance in a DSSE envelope, as npm keeps it beside a version. */
async function npmPublisher(url: string | undefined): Promise<string | undefined> {
  const attestations = url === undefined ? undefined : at(await json(url), 'attestations');
  for (const each of Array.isArray(attestations) ? (attestations as unknown[]) : []) {
    const payload = textAt(each, 'bundle', 'dsseEnvelope', 'payload');
    if (textAt(each, 'predicateType') !== 'https://slsa.dev/provenance/v1' || payload === undefined) continue;
    const statement: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
    return textAt(statement, 'predicate', 'buildDefinition', 'externalParameters', 'workflow', 'repository');
  }
  return undefined;
}

/** PyPI names the service, and the repository there. */
function repositoryOf(service: string | undefined, repository: string | undefined): string | undefined {
  const host = { GitHub: 'github.com', GitLab: 'gitlab.com' }[service ?? ''];
  return host === undefined || repository === undefined ? undefined : `https://${host}/${repository}`;
}

async function asked(url: string, read: (document: unknown) => Promise<TakenName>): Promise<NameAnswer> {
  try {
    const document = await json(url);
    return document === undefined ? 'free' : await read(document);
  } catch {
    // Whatever it is, nothing is known of the name.
    return undefined;
  }
}

/** `undefined` where there is no such document. Throws for any other answer. */
async function json(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(20_000) });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function textAt(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys);
  return typeof found === 'string' ? found : undefined;
}

function present(links: readonly unknown[]): string[] {
  return links.filter((link) => typeof link === 'string');
}
