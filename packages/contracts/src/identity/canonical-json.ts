import { ModelOpsError } from '../errors.ts';

/**
 * RFC 8785 (JCS) text of a JSON value: members sorted by UTF-16 code units, ECMAScript numbers, no white space. −0 is written 0.
 * @throws VALUE_INVALID for NaN, ±Infinity, lone surrogates, and values that JSON does not have (undefined, functions, bigint).
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      if (!Number.isFinite(value))
        throw new ModelOpsError('VALUE_INVALID', `${value} has no canonical JSON form`, { hint: 'use a finite number' });
      return value === 0 ? '0' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
      return canonicalObject(value as Record<string, unknown>);
    default:
      throw new ModelOpsError('VALUE_INVALID', `a ${typeof value} has no canonical JSON form`);
  }
}

function canonicalObject(value: Record<string, unknown>): string {
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${canonicalString(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new ModelOpsError('VALUE_INVALID', 'a string with a lone surrogate has no canonical JSON form');
  return JSON.stringify(text);
}
