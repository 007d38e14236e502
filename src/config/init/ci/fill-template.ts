/** What a template is filled with. */
export interface TemplateParts {
  /** The names of the blocks that stay. */
  readonly blocks: readonly string[];
  /** The text for each `<<name>>`. */
  readonly values: Readonly<Record<string, string>>;
}

const OPENING = /^\s*#\? ?([a-z-]+(?:, [a-z-]+)*)$/;
const CLOSING = /^\s*#\.$/;

/**
 * Fills a pipeline template. `<<name>>` is a value (`{{…}}` is the CI services' own). The lines between `#? name` and
 * `#.` stay where `name`, or one of several, is among `blocks`. A name that nothing gives a value for is our mistake.
 */
export function fillTemplate(template: string, { blocks, values }: TemplateParts): string {
  const lines: string[] = [];
  let block: 'none' | 'kept' | 'dropped' = 'none';
  for (const line of template.split('\n')) {
    const names = OPENING.exec(line)?.[1]?.split(', ');
    if (names !== undefined || CLOSING.test(line)) {
      if ((names !== undefined) !== (block === 'none'))
        throw new Error(`the template has a block out of place: ${line}`);
      block = names === undefined ? 'none' : names.some((name) => blocks.includes(name)) ? 'kept' : 'dropped';
    } else if (block !== 'dropped') lines.push(line);
  }
  if (block !== 'none') throw new Error('the template has a block without an end');
  return lines
    .join('\n')
    .replaceAll(/<<(\w+)>>/g, (_whole, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the template has an unknown placeholder, ${name}`);
      return value;
    })
    .replaceAll(/\n{3,}/g, '\n\n');
}
