import { type PackAddress, packPrefix } from '@modelops/contracts';
import type { AggregationRow } from '@modelops/store';
import type { Stores } from '@modelops/worker';
import * as z from 'zod';
import type { Loss } from './loss.ts';

const diagnosticsSchema = z.object({ standard_error: z.number().nullable() });

/** Of each loss, by its target, a space and its parameter id: the standard error over replicates; null where its evaluator reports none. */
export async function replicateErrors(
  losses: readonly Pick<Loss, 'target' | 'param_id' | 'loss' | 'model_digest' | 'bundle_digest' | 'computed_at'>[],
  { provenance }: Pick<Stores, 'provenance'>,
): Promise<Record<string, number | null>> {
  const rows = new Map<string, AggregationRow[]>();
  for (const { target, model_digest, bundle_digest } of losses)
    for (const [schema, code] of [['token', model_digest] as const, ['bundle', bundle_digest] as const]) {
      const address: PackAddress = { schema, kind: 'aggs', code: code.replace(/^sha256:/, ''), name: target };
      const key = packPrefix(address);
      if (rows.has(key)) continue;
      const wanted = new Set(losses.flatMap((loss) => (loss.target === target ? [loss.param_id] : [])));
      rows.set(
        key,
        [...(await provenance.aggregations(address)).values()].filter(({ param_id }) => wanted.has(param_id)),
      );
    }
  const all = [...rows.values()].flat();
  return Object.fromEntries(
    losses.map(({ target, param_id, loss, computed_at }) => {
      const row = all.find(
        (one) => one.target === target && one.param_id === param_id && one.loss === loss && one.computed_at === computed_at,
      );
      return [`${target} ${param_id}`, row === undefined ? null : errorOf(row.diagnostics)];
    }),
  );
}

function errorOf(diagnostics: string): number | null {
  try {
    return diagnosticsSchema.parse(JSON.parse(diagnostics)).standard_error;
  } catch {
    return null; // another evaluator
  }
}
