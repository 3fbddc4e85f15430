import type { AggregationId, BoundTarget } from '@modelops/contracts';
import type { AggregatedTables, Evaluation } from '@modelops/model-host';
import type { AggregationRow } from '@modelops/store';
import * as z from 'zod';
import type { Job } from '../job-context.ts';

export interface Aggregated {
  readonly set: number;
  readonly id: AggregationId;
  /** Number of replicates used. */
  readonly replicates: number;
}

/** The key of kept tables among the diagnostics of a row. */
const OUTPUTS = 'outputs';

/** The row that stores an evaluation: with its loss, or with the reason why it has none. */
export function aggregationRow(
  job: Job,
  target: BoundTarget,
  { set, id, replicates }: Aggregated,
  evaluation: Evaluation,
  now: number,
): AggregationRow {
  const common = {
    aggregation_id: id,
    param_id: job.tasks.paramsAt(set).param_id,
    target: target.name,
    computed_at: new Date(now).toISOString(),
    job_id: job.id,
  };
  if ('error' in evaluation) {
    return {
      ...common,
      loss: null,
      n_replicates: replicates,
      replicate_mean: null,
      standard_error: null,
      diagnostics: JSON.stringify({ error: evaluation.error }),
      reason: `${evaluation.error.type}: ${evaluation.error.message}`,
    };
  }
  const { loss, n_replicates, outputs } = evaluation;
  const diagnostics = outputs === undefined ? evaluation.diagnostics : { ...evaluation.diagnostics, [OUTPUTS]: outputs };
  return { ...common, loss, n_replicates, ...spreadOf(evaluation.diagnostics), diagnostics: JSON.stringify(diagnostics), reason: null };
}

const numberSchema = z.number().nullable().catch(null);
const spreadSchema = z.lazy(() => z.object({ replicate_mean: numberSchema.default(null), standard_error: numberSchema.default(null) }));

/** What an evaluator reports of the losses of the single replicates. */
function spreadOf(diagnostics: Readonly<Record<string, unknown>>): z.output<typeof spreadSchema> {
  return spreadSchema.parse(diagnostics);
}

const keptSchema = z.lazy(() =>
  z.object({
    [OUTPUTS]: z.record(z.string(), z.record(z.string(), z.array(z.union([z.boolean(), z.number(), z.string(), z.null()])))),
  }),
);

/** The tables that a target kept with a loss (`AggregationReturn.outputs`); empty if it kept none. */
export function keptTables({ diagnostics }: Pick<AggregationRow, 'diagnostics'>): AggregatedTables {
  const parsed = keptSchema.safeParse(parsedJson(diagnostics));
  return parsed.success ? parsed.data[OUTPUTS] : {};
}

const failureSchema = z.lazy(() => z.object({ error: z.object({ kind: z.string() }) }));

/** False for an evaluation whose host crashed, hung or ran out of memory; unlike an exception in the target, it may succeed when repeated. */
export function isSettled({ loss, diagnostics }: AggregationRow): boolean {
  if (loss !== null || diagnostics === null) return true;
  const failure = failureSchema.safeParse(parsedJson(diagnostics));
  return !failure.success || failure.data.error.kind === 'exception';
}

/** Undefined if the text is not JSON: another program may have written the row. */
function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
