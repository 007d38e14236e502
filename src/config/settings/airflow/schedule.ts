import type { Flaw } from '../fields.js';
import { parseDuration } from './times.js';

/** What Airflow itself has names for. */
export const SCHEDULE_PRESETS = [
  ...['@once', '@continuous', '@hourly', '@daily', '@weekly', '@monthly', '@quarterly', '@yearly'],
] as const;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface CronField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words?: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, words: MONTHS },
  { name: 'day of the week', from: 0, to: 7, words: WEEKDAYS },
  { name: 'second', from: 0, to: 59 },
];

/** A preset, a cron expression, or the seconds between two runs; `undefined` for what is none of them. */
export function parseSchedule(value: string | number): string | number | undefined {
  const seconds = parseDuration(value);
  if (seconds !== undefined) return seconds;
  return typeof value === 'string' && scheduleFlaw(value) === undefined ? value.trim() : undefined;
}

export function scheduleFlaw(value: string | number): Flaw | undefined {
  if (parseDuration(value) !== undefined) return undefined;
  if (typeof value === 'number') return { message: 'is not a number of seconds', remedy: FORMS };
  const text = value.trim();
  if (text.startsWith('@')) {
    if ((SCHEDULE_PRESETS as readonly string[]).includes(text)) return undefined;
    return { message: 'is not a preset of Airflow', remedy: `use one of ${SCHEDULE_PRESETS.join(', ')}` };
  }
  return cronFlaw(text);
}

const FORMS = 'write a cron expression ("0 6 * * *"), a preset ("@daily") or a duration ("6h")';

function cronFlaw(text: string): Flaw | undefined {
  const parts = text.split(/\s+/);
  if (parts.length < 5 || parts.length > 6 || !parts.every((part) => /^[\w*,/#?-]+$/.test(part)))
    return { message: 'is not a schedule', remedy: FORMS };
  const wrong = FIELDS.slice(0, parts.length).find((field, index) => !fits(parts[index] ?? '', field));
  if (wrong === undefined) return undefined;
  return {
    message: `is not a cron expression: its ${wrong.name} does not fit`,
    remedy: `the fields are minute, hour, day of the month, month, day of the week; the ${wrong.name} is ${wrong.from} to ${wrong.to}`,
  };
}

function fits(part: string, field: CronField): boolean {
  return part.split(',').every((item) => {
    const [range = '', step, ...rest] = item.split('/');
    if (rest.length > 0 || (step !== undefined && !(/^\d{1,4}$/.test(step) && Number(step) > 0))) return false;
    return rangeFits(range, field);
  });
}

function rangeFits(range: string, field: CronField): boolean {
  const isDay = field.name.startsWith('day');
  if (range === '*' || (range === '?' && isDay) || (range === 'L' && field.name === 'day of the month')) return true;
  // The last Friday (L5), the third one (5#3).
  const [, day] = (field.words === WEEKDAYS ? /^L?(\w+?)(?:#[1-5])?$/.exec(range) : null) ?? [];
  const [from, to, ...rest] = (day ?? range).split('-').map((end) => valueOf(end, field));
  if (rest.length > 0 || from === undefined) return false;
  return !(day ?? range).includes('-') || (to !== undefined && from <= to);
}

function valueOf(end: string, { from, to, words }: CronField): number | undefined {
  const word = words?.indexOf(end.toLowerCase()) ?? -1;
  if (word >= 0) return word + (words === MONTHS ? 1 : 0);
  const value = /^\d{1,2}$/.test(end) ? Number(end) : -1;
  return value >= from && value <= to ? value : undefined;
}
