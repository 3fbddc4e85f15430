import type { FieldsOf } from '@modelops/cli-kit';
import { type JobId, ModelOpsError } from '@modelops/contracts';
import { type ObjectStore, orBad } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import * as z from 'zod';
import type { resultsProgress } from '../documents/results.ts';
import type { JobResults } from './list-results.ts';
import { readDocument } from './verified-losses.ts';

const manifestSchema = z.object({ targets: z.array(z.object({ name: z.string(), digest: z.string() })) });

/**
 * The lowest loss of a target from job to job, oldest first, and the lowest of this and all earlier jobs with the same digest of the target's code and data
 * (null if not recorded). `jobs`: newest first. Default target: the only one that the jobs have.
 * @throws RESULT_NOT_FOUND if no job has losses of it; USAGE if one of several must be chosen
 */
export async function lossProgress(
  jobs: readonly JobResults[],
  given: string | undefined,
  objects: ObjectStore,
): Promise<FieldsOf<typeof resultsProgress>> {
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
  const steps = having.map(({ job, created_at, targets }, at) => {
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
  const manifest = await orBad(() => readDocument(objects, job, 'manifest.json', manifestSchema));
  return manifest === undefined || 'bad' in manifest ? null : (manifest.targets.find(({ name }) => name === target)?.digest ?? null);
}
