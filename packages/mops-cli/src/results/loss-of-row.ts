import type { Loss } from './loss.ts';

/** A row of losses, whose time is a timestamp: columns `param_<name>` become `params`; the others are the loss's own fields. */
export function lossOf({ filename: _, file_row_number: __, computed_at, ...row }: Readonly<Record<string, unknown>>): Loss {
  const isParam = (name: string) => name.startsWith('param_') && name !== 'param_id';
  const entries = Object.entries(row);
  const params = entries.flatMap(([name, value]) => (isParam(name) && value !== null ? [[name.slice('param_'.length), value]] : []));
  const fields = entries.filter(([name]) => !isParam(name));
  return {
    ...Object.fromEntries(fields),
    replicate_mean: row.replicate_mean ?? null, // losses of older versions have neither
    standard_error: row.standard_error ?? null,
    computed_at: computed_at instanceof Date ? computed_at.toISOString() : null,
    params: Object.fromEntries(params),
  } as unknown as Loss;
}
