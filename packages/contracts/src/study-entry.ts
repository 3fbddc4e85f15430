import * as z from 'zod';
import { isParamValue, type ParamValues } from './identity/param-id.ts';
import { parseSeed } from './identity/seed.ts';
import { isSeeded, type ParameterSetEntry } from './parameter-set-entry.ts';
import { checkedBy } from './parsed-by.ts';

const paramValue = z.custom<boolean | number | string>(isParamValue, 'expected a boolean, a finite number or a string');
export const paramValues = z.record(z.string().min(1), paramValue);
export const seed = checkedBy(z.union([z.number(), z.string()]), parseSeed);
const seededSet = z.strictObject({ params: paramValues, seed });

export const parameterSetEntry = z.unknown().transform((value, context): ParameterSetEntry => {
  if (isPlainSet(value)) return value;
  const parsed = (isSeeded(value) ? seededSet : paramValues).safeParse(value);
  if (parsed.success) return parsed.data as ParameterSetEntry;
  for (const issue of parsed.error.issues) context.issues.push(issue as z.core.$ZodRawIssue);
  return z.NEVER;
});

/** As an array of {@link parameterSetEntry}. Where all entries are plain values, no schema runs for each: that takes ten times as long. */
export const parameterSetEntries = z.unknown().transform((value, context): ParameterSetEntry[] => {
  if (Array.isArray(value) && value.length > 0 && value.every(isPlainSet)) return value;
  const parsed = entries.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push(issue as z.core.$ZodRawIssue);
  return z.NEVER;
});

const entries = z.array(parameterSetEntry).min(1, 'a study needs at least one parameter set');

/** A fast check that accepts nearly every entry: a schema takes five times as long, and every worker reads all entries. */
function isPlainSet(value: unknown): value is ParamValues {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype || isSeeded(value)) return false;
  for (const name in value)
    if (name === '' || name === '__proto__' || !isParamValue((value as Record<string, unknown>)[name])) return false;
  return true;
}
