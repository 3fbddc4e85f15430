import { isSeeded } from '@modelops/contracts';
import type { Job } from '@modelops/worker';
import type { ShownComparison } from '../documents/results.ts';
import { changesBetween, type JobInputs } from './changes-between.ts';
import { type PairableLoss, pairLosses } from './pair-losses.ts';

/** A job with its bundle, and its losses so far. */
export interface ComparedJob extends Pick<JobInputs, 'manifest'> {
  readonly job: Job;
  readonly losses: readonly PairableLoss[];
}

/** Compares the losses of two jobs at the sets that both have, and their inputs. */
export function compareJobs(a: ComparedJob, b: ComparedJob): Omit<ShownComparison, 'largest'> {
  return {
    a: a.job.id,
    b: b.job.id,
    shared: sharedSets(a.job, b.job),
    targets: pairLosses(a.losses, b.losses),
    changes: changesBetween({ ...a, spec: a.job.spec }, { ...b, spec: b.job.spec }),
    has_files: a.manifest !== undefined && b.manifest !== undefined,
  };
}

/** The parameter sets that two jobs have, and how many of them have the same seeds in both. Compares seeds in order, up to the smaller number of replicates. A repeated set counts once. */
export function sharedSets(a: Job, b: Job): ShownComparison['shared'] {
  const first = setsOf(a);
  const isSameRule = seedRuleOf(a) !== undefined && seedRuleOf(a) === seedRuleOf(b);
  let [sets, same_seeds] = [0, 0];
  for (const [id, set] of setsOf(b)) {
    const other = first.get(id);
    if (other === undefined) continue;
    sets++;
    if (isSameRule || hasSameSeeds(a, other, b, set)) same_seeds++;
  }
  return { sets, same_seeds };
}

/** What determines the seeds of all sets; undefined if a set has its own. Where it is equal, no seeds need to be computed and compared. */
function seedRuleOf({ spec: { study } }: Job): string | undefined {
  if (study.parameter_sets.some(isSeeded)) return undefined;
  return study.seed_scheme === 'common' ? `common ${String(study.seed ?? 0)}` : study.seed_scheme;
}

function setsOf({ tasks }: Job): Map<string, number> {
  const sets = new Map<string, number>();
  for (let set = 0; set < tasks.groupCount; set++) {
    const { param_id } = tasks.paramsAt(set);
    if (!sets.has(param_id)) sets.set(param_id, set);
  }
  return sets;
}

function hasSameSeeds(a: Job, setOfA: number, b: Job, setOfB: number): boolean {
  const [x, y] = [a.tasks.groupAt(setOfA), b.tasks.groupAt(setOfB)];
  const replicates = Math.min(x.end - x.start, y.end - y.start);
  for (let at = 0; at < replicates; at++) if (BigInt(a.tasks.seedAt(x.start + at)) !== BigInt(b.tasks.seedAt(y.start + at))) return false;
  return true;
}
