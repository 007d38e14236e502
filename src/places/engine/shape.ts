import { EngineFault } from './fault.js';

/**
 * The parts of an answer's JSON. What is absent is null or '' from older engines, and left out by newer ones (API 1.50);
 * what has another shape is not an engine's, and is an EngineFault that names it.
 */
type Answer = Readonly<Record<string, unknown>>;

export function textIn(answer: unknown, key: string): string {
  const value = optionalTextIn(answer, key);
  if (value === undefined || value === '') throw misshapen(key);
  return value;
}

export function optionalTextIn(answer: unknown, key: string): string | undefined {
  const value = asAnswer(answer, key)[key] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw misshapen(key);
}

export function numberIn(answer: unknown, key: string, otherwise?: number): number {
  const value = asAnswer(answer, key)[key] ?? otherwise;
  if (typeof value !== 'number') throw misshapen(key);
  return value;
}

/** Empty for none. */
export function objectIn(answer: unknown, key: string): Answer {
  const value = asAnswer(answer, key)[key] ?? {};
  if (!isObject(value)) throw misshapen(key);
  return value;
}

/** Empty for none. */
export function listIn(answer: unknown, key: string): readonly unknown[] {
  return listOf(asAnswer(answer, key)[key] ?? [], key);
}

/** An answer that is a list itself. */
export function listOf(answer: unknown, key = 'list'): readonly unknown[] {
  if (!Array.isArray(answer)) throw misshapen(key);
  return answer;
}

/** Empty for none. */
export function textsIn(answer: unknown, key: string): readonly string[] {
  const value = listIn(answer, key);
  if (!value.every((each) => typeof each === 'string')) throw misshapen(key);
  return value;
}

/** Empty for none. */
export function textMapIn(answer: unknown, key: string): Readonly<Record<string, string>> {
  const value = objectIn(answer, key);
  if (!Object.values(value).every((each) => typeof each === 'string')) throw misshapen(key);
  return value as Readonly<Record<string, string>>;
}

function asAnswer(answer: unknown, key: string): Answer {
  if (!isObject(answer)) throw misshapen(key);
  return answer;
}

function isObject(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function misshapen(key: string): EngineFault {
  return new EngineFault('foreign', `the answer is not an engine's: its ${key} is missing or has another form`);
}
