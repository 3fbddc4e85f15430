import { digestOf } from '../identity/digest.ts';

/** How many of the missing outputs a record names. */
export const MISSING_NAMED = 100;

/**
 * A record of the original Python system in the current form: lists of outputs, which grew with the tasks, become counts, and an
 * empty manifest becomes null. Unknown fields stay.
 */
export function renewOldState(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { verified_outputs: verified, ...record } = value as Record<string, unknown>;
  const renewed: Record<string, unknown> = { ...record };
  const { expected_outputs: expected, missing_outputs: missing, error_message: message } = record;
  if (verified !== undefined && !Array.isArray(verified)) renewed.verified_outputs = verified;
  if (Array.isArray(expected)) renewed.expected_outputs = expected.length === 0 ? null : countOutputs(expected);
  if (Array.isArray(missing)) renewed.missing_outputs = { count: missing.length, first: missing.slice(0, MISSING_NAMED) };
  if (typeof message === 'string' && record.error === undefined) renewed.error = message;
  return renewed;
}

function countOutputs(outputs: readonly unknown[]): object {
  const isAggregation = (output: unknown) => (output as { output_type?: unknown } | null)?.output_type === 'aggregation';
  const aggregations = outputs.filter(isAggregation).length;
  return { simulations: outputs.length - aggregations, aggregations, digest: digestOf(JSON.stringify(outputs)) };
}
