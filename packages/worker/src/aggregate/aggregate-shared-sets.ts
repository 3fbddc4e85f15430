import { type AttemptPlan, keys } from '@modelops/contracts';
import { chunkNumbers } from '../chunk/claims.ts';
import { setsSharedIn } from '../chunk/sets-of-chunk.ts';
import type { Job, Stores } from '../job-context.ts';
import { type AggregationInputs, aggregateGroups } from './aggregate-groups.ts';

/**
 * Aggregates the sets that a finished chunk shares with other chunks, if those are done too: the writer of a set's last `done` record does this.
 * Several workers may do it concurrently; if the worker dies first, the finaliser does it. A chunk of whole sets costs no request.
 */
export async function aggregateSharedSets(
  job: Job,
  { plan, chunk }: { readonly plan: AttemptPlan; readonly chunk: number },
  evaluate: AggregationInputs['evaluate'],
  stores: Stores,
): Promise<void> {
  if (job.spec.binding.targets.length === 0) return;
  const shared = setsSharedIn(job, plan, chunk);
  if (shared.length === 0) return;
  const done = await chunkNumbers(stores.objects, keys.dones(job.id, plan.n));
  const sets = shared.filter(({ first, last }) => hasAll(done, first, last)).map(({ set }) => set);
  if (sets.length === 0) return;
  const existing = await stores.provenance.existing(job.sims);
  const has = (task: number) => existing.has(job.tasks.idAt(task));
  await aggregateGroups(job, sets, { has, memory: () => undefined, evaluate }, stores);
}

function hasAll(numbers: ReadonlySet<number>, first: number, last: number): boolean {
  for (let number = first; number <= last; number++) if (!numbers.has(number)) return false;
  return true;
}
