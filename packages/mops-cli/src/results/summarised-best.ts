import { answering, digestOf, type JobId, keys, parseJson } from '@modelops/contracts';
import { getBounded, MAX_BYTES, type ObjectStore } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import * as z from 'zod';
import { type BestLosses, type BestOptions, ranked } from './best-losses.ts';
import type { Loss } from './loss.ts';
import { jobsWithResults, readDocument } from './verified-losses.ts';

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

type Summary = z.output<typeof summarySchema> & { readonly job: JobId; readonly manifest: z.output<typeof manifestSchema> };
type Target = Summary['targets'][number];

/** Maximum number of summaries read concurrently. */
const CONCURRENCY = 16;

/**
 * What `bestLosses` finds in the losses of a job, or of all jobs, from their summaries, which list the lowest: a few kilobytes of each job are read.
 * Undefined if they do not list enough, or one is of an older version, is being replaced or damaged, or if none has the target.
 */
export async function summarisedBest(
  objects: ObjectStore,
  job: JobId | undefined,
  { target, nBest }: BestOptions,
): Promise<BestLosses | undefined> {
  const jobs = job === undefined ? jobsWithResults(objects) : [job];
  const summaries = await mapConcurrently(jobs, CONCURRENCY, (id) => readSummary(objects, id));
  if (summaries.includes(undefined)) return undefined;
  const known = (summaries as (Summary | null)[]).filter((summary) => summary !== null);
  if (known.length === 0) return undefined;
  const names = target === undefined ? [...new Set(known.flatMap(({ targets }) => targets.map((one) => one.target)))].sort() : [target];
  const best: Loss[] = [];
  const more_ties: Record<string, number> = {};
  for (const name of names) {
    const lowest = lowestOf(name, known, nBest);
    if (lowest === undefined) return undefined;
    const listed = lowest.slice(0, nBest);
    const more = lowest.slice(nBest).filter(({ loss }) => loss === listed.at(-1)!.loss).length;
    best.push(...listed);
    if (more > 0) more_ties[name] = more;
  }
  return { best: ranked(best, (loss) => loss.target), more_ties };
}

/** The summary of a job; null for a job without results; undefined if it cannot be used. */
async function readSummary(objects: ObjectStore, job: JobId): Promise<Summary | null | undefined> {
  const source = `${keys.results(job)}summary.json`;
  const read = async (): Promise<Summary | null | undefined> => {
    const manifest = await readDocument(objects, job, 'manifest.json', manifestSchema);
    if (manifest === undefined) return null;
    const digest = manifest.files['summary.json']?.digest;
    const object = digest === undefined ? undefined : await getBounded(objects, source, MAX_BYTES.manifest);
    if (object === undefined || digestOf(object.bytes) !== digest) return undefined;
    return { ...parseJson(object.bytes, summarySchema, { source, code: 'STORE_CORRUPT' }), job, manifest };
  };
  return read().catch(answering(() => undefined, 'STORE_CORRUPT'));
}

/**
 * The sets with the lowest losses of a target, each once, in order: at least `nBest` with all that tie with them, or all. A summary lists every set up to
 * its last loss, so all lists together tell every set up to the lowest of their last losses. Undefined if these are not enough.
 */
function lowestOf(target: string, summaries: readonly Summary[], nBest: number): Loss[] | undefined {
  const lists = summaries.flatMap((summary) => {
    const found = summary.targets.find((one) => one.target === target);
    return found === undefined ? [] : [{ summary, found }];
  });
  if (lists.length === 0) return undefined;
  const end = lists.reduce((lowest, { found }) => Math.min(lowest, endOf(found)), Number.POSITIVE_INFINITY);
  const losses = lists.flatMap(({ summary, found }) =>
    found.lowest.filter(({ loss }) => loss <= end).map((low) => lossIn(summary, target, low)),
  );
  const once = new Map<string, Loss>();
  for (const loss of losses.sort((a, b) => a.loss! - b.loss! || compare(a.job_id, b.job_id))) {
    const set = [loss.param_id, loss.model_digest, loss.entrypoint].join(' ');
    if (!once.has(set)) once.set(set, loss);
  }
  if (once.size < nBest && end !== Number.POSITIVE_INFINITY) return undefined;
  return [...once.values()].sort((a, b) => a.loss! - b.loss! || compare(a.param_id, b.param_id) || compare(a.job_id, b.job_id));
}

/** The loss up to which a list is complete: infinite if it has all. */
function endOf({ losses, lowest }: Target): number {
  if (lowest.length === losses) return Number.POSITIVE_INFINITY;
  return lowest.at(-1)?.loss ?? Number.NEGATIVE_INFINITY;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** In the order of the columns of `losses.parquet`. */
function lossIn(
  { job, manifest }: Summary,
  target: string,
  { param_id, params, computed_at, cache_hit, ...numbers }: Target['lowest'][number],
): Loss {
  const { bundle_digest, model_digest, entrypoint, study } = manifest;
  return {
    ...{ job_id: job, param_id, target, ...numbers, bundle_digest, model_digest, entrypoint, scenario: study.scenario },
    ...{ cache_hit, reason: null, computed_at, params },
  };
}
