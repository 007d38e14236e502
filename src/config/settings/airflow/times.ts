import type { Flaw } from '../fields.js';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const PARTS = /(\d+)\s*([smhd])\s*/gi;
/** What Python's timedelta and Airflow's own limits hold without trouble: ten years. */
const LONGEST = 10 * 366 * 86_400;

/** Seconds, as a number or as `90s`, `5m`, `1h30m`, `2d`; `undefined` for anything else. */
export function parseDuration(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? secondsOf(value.trim()) : value;
  return typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0 && seconds <= LONGEST
    ? seconds
    : undefined;
}

function secondsOf(text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (!/^(?:\d{1,9}\s*[smhd]\s*)+$/i.test(text)) return undefined;
  return [...text.matchAll(PARTS)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit.toLowerCase()] ?? 0),
    0,
  );
}

export function durationFlaw(value: unknown): Flaw | undefined {
  if (parseDuration(value) !== undefined) return undefined;
  return {
    message: 'is not a duration',
    remedy: 'write seconds (90), or a number with a unit: 90s, 5m, 2h, 1d',
  };
}

/**
 * `2021-07-21` of 20210721, "20210721", "2021-07-21" or the date that YAML makes of it; `undefined` for what is not a day of
 * the calendar.
 */
export function parseDate(value: unknown): string | undefined {
  const written = String(value).trim();
  const [, year, month, day] = /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?$/.exec(written)
    ? (/^(\d{4})-?(\d\d)-?(\d\d)/.exec(written) ?? [])
    : [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date) return undefined;
  return Number(year) < 1970 ? undefined : date;
}

export function dateFlaw(value: unknown): Flaw | undefined {
  if (parseDate(value) !== undefined) return undefined;
  return {
    message: 'is not a date',
    remedy: 'write a day of the calendar: "2021-07-21"; the time of day belongs to the schedule',
  };
}
