import { digestOf, type JobId, keys, parseJson } from '@modelops/contracts';
import { getBounded, MAX_BYTES, type ObjectStore } from '@modelops/store';
import * as z from 'zod';
import { type BestLosses, type BestOptions, ranked } from './best-losses.ts';
import { readDocument } from './verified-losses.ts';

const manifestSchema = z.lazy(() =>
  z.object({
    bundle_digest: z.string(),
    model_digest: z.string(),
    entrypoint: z.string(),
    study: z.object({ scenario: z.string() }),
    files: z.object({ 'summary.json': z.object({ digest: z.string() }).optional() }),
  }),
);

const summarySchema = z.lazy(() =>
  z.object({
    targets: z.array(
      z.object({
        target: z.string(),
        losses: z.int(),
        lowest: z.array(
          z.object({
            param_id: z.string(),
            params: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])),
            loss: z.number(),
            n_replicates: z.int(),
            n_failed: z.int(),
            replicate_mean: z.number().nullable(),
            standard_error: z.number().nullable(),
            computed_at: z.string().nullable(),
            cache_hit: z.boolean(),
          }),
        ),
      }),
    ),
  }),
);

/**
 * What `bestLosses` finds in a job's losses, from its summary, which lists the lowest ones: a few kilobytes are read instead of all losses. Undefined if
 * the summary does not list enough, is of an older version, is being replaced or damaged, or has not the target.
 */
export async function summarisedBest(
  objects: ObjectStore,
  job: JobId,
  { target: only, nBest }: BestOptions,
): Promise<BestLosses | undefined> {
  const manifest = await readDocument(objects, job, 'manifest.json', manifestSchema);
  const digest = manifest?.files['summary.json']?.digest;
  const source = `${keys.results(job)}summary.json`;
  const object = digest === undefined ? undefined : await getBounded(objects, source, MAX_BYTES.manifest);
  if (object === undefined || digestOf(object.bytes) !== digest) return undefined;
  const { targets } = parseJson(object.bytes, summarySchema, { source, code: 'STORE_CORRUPT' });
  const wanted = only === undefined ? targets : targets.filter(({ target }) => target === only);
  const isEnough = wanted.every(({ losses, lowest }) => lowest.length >= Math.min(nBest, losses));
  if (wanted.length === 0 || !isEnough) return undefined;
  const { bundle_digest, model_digest, entrypoint, study } = manifest!;
  const more_ties: Record<string, number> = {};
  const best = wanted
    .sort((a, b) => (a.target < b.target ? -1 : 1))
    .flatMap(({ target, lowest }) => {
      const listed = lowest.slice(0, nBest);
      const more = lowest.slice(nBest).filter(({ loss }) => loss === listed.at(-1)!.loss).length;
      if (more > 0) more_ties[target] = more;
      return listed.map(({ param_id, params, computed_at, cache_hit, ...numbers }) => ({
        ...{ job_id: job, param_id, target, ...numbers, bundle_digest, model_digest, entrypoint, scenario: study.scenario },
        ...{ cache_hit, reason: null, computed_at, params },
      }));
    });
  return { best: ranked(best, ({ target }) => target), more_ties };
}
