import type { Job } from '@modelops/worker';
import type { MopsDeps, OpenEnvironment } from '../deps.ts';
import type { AuditReport, Comparison } from '../documents/runs.ts';
import { describeTask } from '../jobs/describe-task.ts';
import { compareOutcomes, isReproduced } from './compare-outcomes.ts';
import { openRunHere } from './run-here.ts';
import { drawSample, largestShare } from './sample.ts';
import { readStoredOutcome } from './stored-outcome.ts';

export interface AuditOptions {
  readonly sample: number;
  readonly seed: number;
  readonly onOutput: (text: string) => void;
  readonly onProgress: (done: number, total: number) => void;
}

/** Recomputes a random sample of a job's results on this machine, each on a fresh host, and compares them. Writes nothing. */
export async function auditJob(
  job: Job,
  opened: Pick<OpenEnvironment, 'environment' | 'cacheDir' | 'stores'>,
  { clock, signal }: Pick<MopsDeps, 'clock' | 'signal'>,
  { sample, seed, onOutput, onProgress }: AuditOptions,
): Promise<AuditReport> {
  const existing = await opened.stores.provenance.existing(job.sims, { relist: true });
  const places = new Map<string, number>();
  for (let index = 0; index < job.tasks.count; index++) {
    const id = job.tasks.idAt(index);
    if (existing.has(id) && !places.has(id)) places.set(id, index);
  }
  const drawn = drawSample([...places.values()], sample, seed);
  const differing: AuditReport['differing'][number][] = [];
  let [same, skipped] = [0, 0];
  const runHere = drawn.length === 0 ? undefined : await openRunHere(job, opened, { clock, onOutput });
  for (const [done, index] of drawn.entries()) {
    signal.throwIfAborted();
    onProgress(done, drawn.length);
    const id = job.tasks.idAt(index);
    const stored = await readStoredOutcome(job, id, opened.stores);
    const comparison = compareOutcomes(stored, await runHere!(index));
    if (comparison.verdict === 'not_compared') skipped++;
    else if (isReproduced(comparison)) same++;
    else differing.push(discrepancy(job, index, comparison));
  }
  onProgress(drawn.length, drawn.length);
  const compared = drawn.length - skipped;
  return {
    job: job.id,
    model: job.spec.study.model,
    bundle_ref: job.spec.binding.bundle_ref,
    results: places.size,
    compared,
    same,
    not_compared: skipped,
    differing,
    share_at_most:
      compared === 0 ? null : compared === places.size ? differing.length / compared : largestShare(differing.length, compared),
    sample_seed: seed,
  };
}

function discrepancy(job: Job, index: number, comparison: Comparison): AuditReport['differing'][number] {
  const { task_id, path, params, seed } = describeTask(job, index);
  return { task_id, path, params, seed, comparison, reproduce: `mops repro ${task_id.slice(0, 12)}` };
}
