/** What a registry says of a name: the links of its newest release, `'free'`, or `undefined` where it could not be asked. */
export type NameAnswer = { readonly links: readonly string[] } | 'free' | undefined;

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
  const isOurs = repository !== undefined && answer.links.some((link) => sameRepository(link, repository));
  return isOurs
    ? { problems: [], notes: [`kdeploy on ${registry} is this project's`] }
    : { problems: [`kdeploy on ${registry} does not lead to this repository; it belongs to somebody else`], notes: [] };
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
