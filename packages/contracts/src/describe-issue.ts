import type * as z from 'zod';
import { nearestName } from './nearest.ts';

/** A schema issue as a message that names what to write. `given` is the invalid value; messages defined by the schema are kept. */
export function describeIssue(issue: z.core.$ZodIssue, given: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return given === undefined ? 'is missing' : zodMessage(issue);
    case 'invalid_value':
      return given === undefined ? 'is missing' : notOneOf(given, issue.values.map(String));
    case 'too_small':
      return isDefault(issue) ? bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum) : issue.message;
    case 'too_big':
      return isDefault(issue) ? bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum) : issue.message;
    default:
      return zodMessage(issue);
  }
}

/** The part of a value at a path; undefined when there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

function notOneOf(given: unknown, known: readonly string[]): string {
  const text = JSON.stringify(given).slice(0, 80);
  if (known.length === 1) return `must be ${known[0]}, not ${text}`;
  const near = typeof given === 'string' ? nearestName(given, known) : undefined;
  return `${text} is not one of ${known.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function bound(origin: string, comparison: string, limit: number | bigint): string {
  if (origin === 'string') return comparison === 'at least' && limit === 1 ? 'is empty' : `must have ${comparison} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${comparison} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  return `must be ${comparison} ${limit}`;
}

/** True for a default message of zod. */
function isDefault({ message }: z.core.$ZodIssue): boolean {
  return /^Too (small|big): /.test(message);
}

function zodMessage({ message }: z.core.$ZodIssue): string {
  return message.replace(/^Invalid (input|option): /, '');
}
