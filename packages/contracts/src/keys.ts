import type { Digest } from './identity/digest.ts';
import type { JobId } from './identity/ids.ts';
import { shortId } from './identity/ids.ts';
import type { ProvenanceSchema } from './job/spec.ts';

/** Every key of the object store. */
export const keys = {
  jobs: 'jobs/',
  job: (job: JobId) => `jobs/${job}/`,
  spec: (job: JobId) => `jobs/${job}/spec.json`,
  /** A spec that a resume bound the job to, named by its digest. */
  boundSpec: (job: JobId, digest: string) => `jobs/${job}/specs/${digest.replace(/^sha256:/, '')}.json`,
  state: (job: JobId) => `jobs/${job}/state.json`,
  plan: (job: JobId, n: number) => `jobs/${job}/attempts/${n}/plan.json`,
  claims: (job: JobId, n: number) => `jobs/${job}/attempts/${n}/claims/`,
  claim: (job: JobId, n: number, chunk: number) => `jobs/${job}/attempts/${n}/claims/${chunkName(chunk)}`,
  dones: (job: JobId, n: number) => `jobs/${job}/attempts/${n}/done/`,
  done: (job: JobId, n: number, chunk: number) => `jobs/${job}/attempts/${n}/done/${chunkName(chunk)}`,
  cautions: (job: JobId, n: number) => `jobs/${job}/attempts/${n}/caution/`,
  /** The record of a chunk in which a worker died. */
  caution: (job: JobId, n: number, chunk: number) => `jobs/${job}/attempts/${n}/caution/${chunkName(chunk)}`,
  /** The names and types of the columns that the tasks of a job write, for one version of the model. */
  columns: (job: JobId, code: string) => `jobs/${job}/columns/${shortId(code)}.json`,
  attributions: (job: JobId) => `jobs/${job}/attribution/`,
  attribution: (job: JobId, n: number, chunk: number | 'reused') =>
    `jobs/${job}/attribution/${n}/${chunk === 'reused' ? chunk : chunkName(chunk)}.parquet`,
  /** Empty objects by which a listing skips jobs: see the job registry. */
  statusNotes: 'jobs-by/',
  statusNote: (status: string, job: JobId, move?: number) => `jobs-by/${status}/${job}.${move ?? ''}`,
  results: (job: JobId) => `results/${job}/`,
  blob: (digest: Digest) => `bundles/blobs/sha256/${digest.slice('sha256:'.length)}`,
};

/** Chunk names sort as their numbers do. */
function chunkName(chunk: number): string {
  return String(chunk).padStart(6, '0');
}

/** The address of packs: simulations of one entry point, or aggregations of one target. */
export interface PackAddress {
  readonly schema: ProvenanceSchema;
  readonly kind: 'sims' | 'aggs';
  /** The digest, or its first twelve digits as in keys. */
  readonly code: string;
  /** Entry point of simulations; name of the target of aggregations. */
  readonly name: string;
}

/** `provenance/<schema>/v1/sims/<code12>/<entry>/`, where the `/` before the scenario is written `@`. */
export function packPrefix({ schema, kind, code, name }: PackAddress): string {
  const entry = kind === 'sims' ? name.replace('/', '@') : `target_${name}`;
  return `provenance/${schema}/v1/${kind}/${shortId(code)}/${entry}/`;
}

/** The address of a prefix; the inverse of {@link packPrefix}. @throws RangeError for another key */
export function parseAddress(prefix: string): PackAddress {
  const [, schema, kind, code, entry] = /^provenance\/([^/]+)\/v1\/([^/]+)\/([0-9a-f]{12})\/([^/]+)\/$/.exec(prefix) ?? [];
  const isKnown = (schema === 'token' || schema === 'bundle') && (kind === 'sims' || kind === 'aggs');
  if (!isKnown || code === undefined || entry === undefined) throw new RangeError(`${prefix} is not an address of packs`);
  const at = entry.lastIndexOf('@');
  const name = kind === 'aggs' ? entry.replace(/^target_/, '') : at < 0 ? entry : `${entry.slice(0, at)}/${entry.slice(at + 1)}`;
  return { schema, kind, code, name };
}

/**
 * The path of one result in an exported tree, `sims/{code12}/{shard}/params_{param_id[:8]}/seed_{seed}`; for people, never a key. `digits` is the
 * number of digits of the parameter id, more than eight where eight are ambiguous.
 */
export function logicalPath(code: string, paramId: string, seed: bigint | number, digits = 8): string {
  return `sims/${shortId(code)}/${paramId.slice(0, 2)}/params_${paramId.slice(0, digits)}/seed_${seed}`;
}

/** The path of one aggregation in an exported tree: `aggs/{code12}/target_{target}/agg_{aggregation_id}`; for people, never a key. */
export function logicalAggregationPath(code: Digest, target: string, aggregationId: string): string {
  return `aggs/${shortId(code)}/target_${target}/agg_${aggregationId}`;
}
