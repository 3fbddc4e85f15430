import type { ParamValues } from '@modelops/contracts';
import type { Job, Stores } from '@modelops/worker';

/** The best loss of a target so far. */
export interface BestLoss {
  readonly target: string;
  /** Number of parameter sets with a loss. */
  readonly sets: number;
  /** Null if there is none yet. */
  readonly loss: number | null;
  readonly params: ParamValues | null;
  /** The lowest loss so far after each set, in the order in which the sets were computed. */
  readonly series: readonly number[];
}

/** Reads the best losses of a job's targets while its workers aggregate them; only those of the job's own sets. */
export function createBestLosses(job: Job, { provenance }: Pick<Stores, 'provenance'>): () => Promise<BestLoss[]> {
  const { targets } = job.spec.binding;
  const length = targets.length === 0 ? 0 : job.tasks.groupCount;
  const own = new Map(Array.from({ length }, (_, set) => [job.tasks.paramsAt(set).param_id, set] as const));
  return async () => {
    const found: BestLoss[] = [];
    for (const { name } of targets) {
      const rows = [...(await provenance.aggregations(job.aggs(name))).values()]
        .filter(({ param_id, loss }) => loss !== null && own.has(param_id))
        .sort((a, b) => (a.computed_at < b.computed_at ? -1 : a.computed_at > b.computed_at ? 1 : 0));
      let best: (typeof rows)[number] | undefined;
      const series = rows.map((row) => {
        if (best === undefined || row.loss! < best.loss!) best = row;
        return best.loss!;
      });
      found.push({
        target: name,
        sets: new Set(rows.map(({ param_id }) => param_id)).size,
        loss: best?.loss ?? null,
        params: best === undefined ? null : job.tasks.valuesAt(own.get(best.param_id)!),
        series,
      });
    }
    return found;
  };
}
