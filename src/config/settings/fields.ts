import * as z from 'zod/mini';

/** Every field may be left out or left empty (`name:`), which YAML reads as null; both mean the default. */
export function field<S extends z.ZodMiniType>(
  schema: S,
  description: string,
  example?: { default?: unknown; examples?: unknown[] },
) {
  return z.nullish(schema).check(z.meta({ description, ...example }));
}

export const text = () => z.string().check(z.minLength(1));

/** What is wrong with a value: `is not …`, behind the name of its key. It never repeats the value. */
export interface Flaw {
  readonly message: string;
  readonly remedy?: string;
}

export type Judge<T> = (value: T) => Flaw | undefined;

/** A check whose sentence reaches the user (validate.ts), with what to do. */
export function judged<T>(judge: Judge<T>): z.core.$ZodCheck<T> {
  return z.check<T>(({ value, issues }) => {
    const flaw = judge(value);
    if (flaw !== undefined)
      issues.push({ code: 'custom', input: value, message: flaw.message, params: { remedy: flaw.remedy } });
  });
}

/** A text that must be of a form. An empty one is only called empty. */
export function textThat(judge: Judge<string>) {
  return text().check(judged((value: string) => (value === '' ? undefined : judge(value))));
}
