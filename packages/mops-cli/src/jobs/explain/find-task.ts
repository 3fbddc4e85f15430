import { ModelOpsError, type TaskId } from '@modelops/contracts';
import type { Job } from '@modelops/worker';

/** A task of a job; its first index if a study repeats a parameter set. */
export interface FoundTask {
  readonly index: number;
  readonly id: TaskId;
}

const SHORTEST = 4;
const NAMED = 5;
const PATH = /^(?:.*\/)?params_([0-9a-f]{4,64})\/seed_(\d{1,20})\/?$/;
const PAIR = /^([0-9a-f]{4,64})\/(\d{1,20})$/;

/**
 * Finds a task by its id, PARAM_ID/SEED, or the path that `manifest` prints; ids may be shortened to four digits. Returns the reason if the
 * job has no such task. @throws IDENTITY_INVALID; CONFLICT naming the candidates
 */
export function findTask(job: Job, name: string): FoundTask | { readonly reason: string } {
  const pair = PAIR.exec(name) ?? PATH.exec(name);
  if (pair !== null) return findSeeded(job, name, pair[1]!, BigInt(pair[2]!));
  if (!/^[0-9a-f]+$/.test(name) || name.length < SHORTEST || name.length > 64)
    throw new ModelOpsError('IDENTITY_INVALID', `"${name.slice(0, 120)}" is not a task id or path`, {
      hint: `use a task id (at least its first ${SHORTEST} hex digits) or PARAM_ID/SEED; mops jobs manifest ${job.id} lists both`,
    });
  const found = new Map<TaskId, number>();
  for (let index = 0; index < job.tasks.count; index++) {
    const id = job.tasks.idAt(index);
    if (id.startsWith(name) && !found.has(id)) found.set(id, index);
  }
  return oneOf(found, name) ?? { reason: `no task of ${job.id} has an id that begins with ${name}` };
}

function findSeeded(job: Job, name: string, paramId: string, seed: bigint): FoundTask | { readonly reason: string } {
  const found = new Map<TaskId, number>();
  let sets = 0;
  for (let set = 0; set < job.tasks.groupCount; set++) {
    if (!job.tasks.paramsAt(set).param_id.startsWith(paramId)) continue;
    sets++;
    const { start, end } = job.tasks.groupAt(set);
    for (let index = start; index < end; index++) {
      if (BigInt(job.tasks.seedAt(index)) === seed && !found.has(job.tasks.idAt(index))) found.set(job.tasks.idAt(index), index);
    }
  }
  const reason =
    sets === 0
      ? `no parameter set of ${job.id} has an id that begins with ${paramId}`
      : `parameter set ${paramId} of ${job.id} has no replicate with seed ${seed}`;
  return oneOf(found, name) ?? { reason };
}

function oneOf(found: ReadonlyMap<TaskId, number>, name: string): FoundTask | undefined {
  if (found.size > 1)
    throw new ModelOpsError('CONFLICT', `${name} matches ${found.size} tasks: ${[...found.keys()].slice(0, NAMED).join(', ')}`, {
      hint: 'use more digits of the id',
    });
  const [only] = found;
  return only && { id: only[0], index: only[1] };
}
