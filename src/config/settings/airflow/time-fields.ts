import * as z from 'zod/mini';
import { judged } from '../fields.js';
import { dateFlaw, durationFlaw } from './times.js';

/** A number of seconds, or `90s`, `5m`, `2h`. */
export const seconds = () =>
  z
    .union([z.int(), z.string()], { error: 'must be a number of seconds, or a string such as 90s, 5m or 2h' })
    .check(judged<number | string>(durationFlaw));

/** The plugin's unit; a text may have another. */
export const minutes = () =>
  z
    .union([z.int(), z.string()], { error: 'must be a number of minutes, or a string such as 90s, 5m or 2h' })
    .check(judged<number | string>((value) => (value === 0 ? undefined : durationFlaw(value))));

export const day = () =>
  z
    .union([z.int(), z.string()], { error: 'must be a date such as "2021-07-21"' })
    .check(judged<number | string>(dateFlaw));
