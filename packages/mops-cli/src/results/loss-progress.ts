import { isModelOpsError, type JobId, keys, ModelOpsError, parseJson } from '@modelops/contracts';
import { getBounded, MAX_BYTES, type ObjectStore } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import * as z from 'zod';
import type { JobResults } from './list-results.ts';

/** A job's lowest loss for a target, and the lowest of this and all earlier jobs with the same version of the target. */
export interface ProgressStep {
  readonly job: JobId;
  readonly created_at: string;
  /** Digest of the target's code and data; null if not recorded. Losses of different digests are not compared. */
  readonly target_digest: string | null;
  readonly losses: number;
  readonly best_loss: number | null;
  readonly best_so_far: number | null;
  /** Whether the job's loss is lower than all before. */
  readonly is_new_best: boolean;
}

const manifestSchema = z.object({ targets: z.array(z.object({ name: z.string(), digest: z.string() })) });

/**
 * The lowest loss of a target from job to job, oldest first. `jobs`: newest first. Default target: the only one that the jobs have.
 * @throws RESULT_NOT_FOUND if no job has losses of it; USAGE if one of several must be chosen
 */
export async function lossProgress(
  jobs: readonly JobResults[],
  given: string | undefined,
  objects: ObjectStore,
): Promise<{ readonly target: string; readonly steps: readonly ProgressStep[] }> {
  const known = [...new Set(jobs.flatMap(({ targets }) => targets?.map(({ target }) => target) ?? []))].sort();
  if (given === undefined && known.length > 1)
    throw new ModelOpsError('USAGE', 'several targets have losses', { hint: `name one with --target: ${known.join(', ')}` });
  const target = given ?? known[0];
  if (target === undefined || !known.includes(target))
    throw new ModelOpsError('RESULT_NOT_FOUND', target === undefined ? 'no job has losses' : `no job has losses of target ${target}`, {
      hint: known.length === 0 ? 'mops results list' : `targets: ${known.join(', ')}`,
    });
  const having = jobs.filter(({ targets }) => targets?.some((one) => one.target === target)).reverse();
  const digests = await mapConcurrently(having, 16, ({ job }) => targetDigest(job, target, objects));
  const lowest = new Map<string | null, number>();
  const steps = having.map(({ job, created_at, targets }, at): ProgressStep => {
    const { losses, best } = targets!.find((one) => one.target === target)!;
    const target_digest = digests[at]!;
    const before = lowest.get(target_digest) ?? Number.POSITIVE_INFINITY;
    const best_loss = best?.loss ?? null;
    const is_new_best = best_loss !== null && best_loss < before;
    if (is_new_best) lowest.set(target_digest, best_loss);
    return { job, created_at, target_digest, losses, best_loss, best_so_far: lowest.get(target_digest) ?? null, is_new_best };
  });
  return { target, steps };
}

async function targetDigest(job: JobId, target: string, objects: ObjectStore): Promise<string | null> {
  const source = `${keys.results(job)}manifest.json`;
  try {
    const object = await getBounded(objects, source, MAX_BYTES.manifest);
    if (object === undefined) return null;
    const { targets } = parseJson(new TextDecoder().decode(object.bytes), manifestSchema, { source, code: 'STORE_CORRUPT' });
    return targets.find(({ name }) => name === target)?.digest ?? null;
  } catch (error) {
    if (isModelOpsError(error, 'STORE_CORRUPT')) return null;
    throw error;
  }
}
