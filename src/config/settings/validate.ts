import { asWritten, isMap, kindOf, valueAt, type SettingsMap } from './layer.js';
import { dotted, quotedKey, type KeyPath } from './problem.js';
import { keysAt } from './schema-keys.js';
import { AUTHENTICATION_FIELDS, configurationSchema, SECTION_FIELDS, type Configuration } from './schema.js';
import { didYouMean } from './suggestion.js';

/** What does not fit at a path: a sentence about its key, which never repeats the value. */
export interface Issue {
  readonly path: KeyPath;
  readonly message: string;
  readonly remedy?: string;
  /** The key itself has no business there; each file that has it must be fixed. */
  readonly unknownKey?: true;
}

export type Validation = { readonly configuration: Configuration } | { readonly issues: readonly Issue[] };

/** `written` is what `settings` was before it was normalised: messages speak of what the user sees. */
export async function validate(settings: SettingsMap, written: SettingsMap): Promise<Validation> {
  const result = configurationSchema.safeParse(settings);
  if (result.success) return { configuration: result.data };
  const issues = await Promise.all(result.error.issues.map((issue) => toIssues(issue, settings, written)));
  return { issues: issues.flat() };
}

type SchemaIssue = Exclude<ReturnType<typeof configurationSchema.safeParse>['error'], undefined>['issues'][number];

async function toIssues(
  issue: SchemaIssue,
  settings: SettingsMap,
  written: SettingsMap,
  parent: KeyPath = [],
): Promise<Issue[]> {
  const path = [...parent, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
  const name = path.length === 0 ? 'the configuration' : dotted(asWritten(written, path));
  const found = valueAt(settings, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return Promise.all(issue.keys.map((key) => unknownKey(path, key, name)));
    case 'invalid_union': {
      if (issue.discriminator !== undefined) {
        // Only authentication is told apart by its type.
        const types = Object.keys(AUTHENTICATION_FIELDS);
        if (found === undefined) return [{ path, message: `${name} is missing`, remedy: `use ${types.join(', ')}` }];
        return [{ path, ...(await choice(name, found, types)) }];
      }
      // Of the form that was meant, what is wrong with it; else which forms there are.
      const mappings = issue.errors.filter((inner) => inner.some((one) => one.path.length > 0 || !isOtherKind(one)));
      const meant = mappings.filter((inner) => !inner.some(hasUnknownKeys));
      const [only, ...others] = meant.length > 0 ? meant : mappings;
      if (only === undefined || others.length > 0) return [{ path, message: `${name} ${issue.message}` }];
      return (await Promise.all(only.map((inner) => toIssues(inner, settings, written, path)))).flat();
    }
    case 'invalid_value':
      return [{ path, ...(await choice(name, found, issue.values)) }];
    case 'invalid_type':
      // The schema's own words.
      if (found !== undefined && issue.message.startsWith('must be '))
        return [{ path, message: `${name} ${issue.message}` }];
      return [{ path, ...wrongType(name, issue.expected, found) }];
    case 'too_small':
      return [
        {
          path,
          message: issue.origin === 'number' || issue.origin === 'int' ? `${name} is too small` : `${name} is empty`,
        },
      ];
    case 'too_big':
      return [{ path, message: `${name} is too large` }];
    case 'custom':
      return [{ path, message: `${name} ${issue.message}`, ...remedyOf(issue.params) }];
    case 'invalid_key': {
      const [inner] = issue.issues;
      const remedy = inner?.code === 'custom' ? remedyOf(inner.params) : {};
      const place = dotted(asWritten(written, path.slice(0, -1)));
      return [{ path, message: `a key of ${place} ${inner?.message ?? 'is not valid'}`, ...remedy }];
    }
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
      return [{ path, message: `${name} has an invalid value` }];
  }
}

async function unknownKey(path: KeyPath, key: string, parent: string): Promise<Issue> {
  const known = keysAt(configurationSchema, path);
  const meant = (await didYouMean(key, known)) ?? elsewhere(key);
  const where = path.length === 0 ? '' : ` in ${parent}`;
  const suggestion = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return {
    path: [...path, key],
    message: `unknown key ${quotedKey(key)}${where}${suggestion}`,
    ...(meant === undefined ? { remedy: `supported keys: ${known.join(', ')}` } : {}),
    unknownKey: true,
  };
}

function isOtherKind(issue: SchemaIssue): boolean {
  return issue.code === 'invalid_type';
}

function hasUnknownKeys(issue: SchemaIssue): boolean {
  return issue.code === 'unrecognized_keys' && issue.path.length === 0;
}

function remedyOf(params: unknown): { remedy?: string } {
  const remedy = isMap(params) ? params.remedy : undefined;
  return typeof remedy === 'string' ? { remedy } : {};
}

/** A key that is right but is in the wrong section: `tracking_uri` at the top is `mlflow.tracking_uri`. */
function elsewhere(key: string): string | undefined {
  const sections = Object.entries(SECTION_FIELDS).filter(([, fields]) => Object.hasOwn(fields, key));
  const [only, second] = sections;
  return only === undefined || second !== undefined ? undefined : `${only[0]}.${key}`;
}

async function choice(name: string, found: unknown, values: readonly unknown[]): Promise<Omit<Issue, 'path'>> {
  const words = values.map(String);
  const meant = typeof found === 'string' ? await didYouMean(found, words) : undefined;
  return {
    message: `${name} must be ${listed(words)}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
  };
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function wrongType(name: string, expected: string, found: unknown): Omit<Issue, 'path'> {
  if (found === undefined) return { message: `${name} is missing` };
  const kind = typeof found === 'number' && expected === 'int' ? 'a fraction' : kindOf(found);
  const message = `${name} must be ${EXPECTED[expected] ?? expected}, not ${kind}`;
  // YAML reads 1.10 as the number 1.1, and on or no as true or false.
  const unquoted = expected === 'string' && (typeof found === 'number' || typeof found === 'boolean');
  return unquoted ? { message, remedy: 'put it in quotes' } : { message };
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
