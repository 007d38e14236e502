import type * as z from 'zod/mini';
import type { KeyPath } from './problem.js';

/** The keys that a schema knows at a path, of all forms that may be there; none where any key will do. */
export function keysAt(schema: z.core.$ZodType, path: KeyPath): string[] {
  const found = path.reduce<z.core.$ZodType[]>(
    (schemas, key) => schemas.flatMap(formsOf).flatMap((form) => inner(form, key)),
    [schema],
  );
  return [...new Set(found.flatMap(formsOf).flatMap((form) => Object.keys(shapeOf(form))))];
}

type Definition = z.core.$ZodTypes['_zod']['def'];

/** What is behind "may be left out" and "one of". */
function formsOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  const definition = schema._zod.def as Definition;
  if (definition.type === 'optional' || definition.type === 'nullable') return formsOf(definition.innerType);
  return definition.type === 'union' ? definition.options.flatMap(formsOf) : [schema];
}

function inner(form: z.core.$ZodType, key: string | number): readonly z.core.$ZodType[] {
  const definition = form._zod.def as Definition;
  if (definition.type === 'array') return typeof key === 'number' ? [definition.element] : [];
  if (definition.type === 'record') return [definition.valueType];
  const field = shapeOf(form)[String(key)];
  return field === undefined ? [] : [field];
}

function shapeOf(form: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  const definition = form._zod.def as Definition;
  return definition.type === 'object' ? definition.shape : {};
}
