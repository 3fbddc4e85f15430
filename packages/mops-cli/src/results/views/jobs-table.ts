import { isModelOpsError, type JobId, type JobState } from '@modelops/contracts';
import { mapConcurrently } from '@modelops/system';
import type { Stores } from '@modelops/worker';
import * as z from 'zod';
import { readDocument } from '../verified-losses.ts';
import { literal } from './duckdb.ts';

/** Columns of the view `jobs` and their types in DuckDB. */
const COLUMNS = {
  job_id: 'VARCHAR',
  name: 'VARCHAR',
  status: 'VARCHAR',
  created_at: 'TIMESTAMP',
  updated_at: 'TIMESTAMP',
  model: 'VARCHAR',
  entrypoint: 'VARCHAR',
  scenario: 'VARCHAR',
  sampling_method: 'VARCHAR',
  targets: ['VARCHAR'],
  parameter_sets: 'BIGINT',
  tasks: 'BIGINT',
  tasks_verified: 'BIGINT',
  missing_outputs: 'BIGINT',
  attempts: 'INTEGER',
  model_digest: 'VARCHAR',
  bundle_digest: 'VARCHAR',
  bundle_ref: 'VARCHAR',
  labels: 'JSON',
  error: 'VARCHAR',
} as const;

/** Columns that are not given are NULL. */
type JobRow = { readonly [column in keyof typeof COLUMNS]?: unknown };

const manifestSchema = z.object({
  study: z.object({ model: z.string(), scenario: z.string(), sampling_method: z.string().nullable().catch(null) }),
  bundle_ref: z.string(),
  bundle_digest: z.string(),
  model_digest: z.string(),
  entrypoint: z.string(),
  targets: z.array(z.object({ name: z.string() })),
  counts: z.object({ parameter_sets: z.number() }),
});

const CONCURRENCY = 16;

/** SQL of the table `jobs`, newest first. A job's inputs are read from the manifest of its results; before that exists, from its much larger spec. */
export async function jobsTable(jobs: readonly JobState[], stores: Pick<Stores, 'objects' | 'registry'>): Promise<string> {
  const rows = await mapConcurrently(jobs, CONCURRENCY, async (state) => ({ ...rowOf(state), ...(await factsOf(state.job_id, stores)) }));
  return `SELECT job.* FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(JSON.stringify([COLUMNS]))})) AS job)`;
}

function rowOf({ job_id, name, status, tasks_verified, labels, error, ...state }: JobState): JobRow {
  return {
    ...{ job_id, name, status, tasks_verified, labels, error },
    created_at: instant(state.created_at),
    updated_at: instant(state.updated_at),
    tasks: state.tasks_total,
    missing_outputs: state.missing_outputs.count,
    attempts: state.attempts.length,
  };
}

/** The columns of a job that are not in its state. */
async function factsOf(job: JobId, { objects, registry }: Pick<Stores, 'objects' | 'registry'>): Promise<JobRow> {
  const manifest = await readDocument(objects, job, 'manifest.json', manifestSchema);
  if (manifest !== undefined) {
    const { study, targets, counts, ...ids } = manifest;
    return { ...study, ...ids, targets: targets.map(({ name }) => name), parameter_sets: counts.parameter_sets };
  }
  try {
    const { study, binding } = await registry.spec(job);
    const { model, scenario, sampling_method } = study;
    const { bundle_ref, bundle_digest, model_digest, entrypoint, targets } = binding;
    return {
      ...{ model, scenario, sampling_method, bundle_ref, bundle_digest, model_digest, entrypoint },
      targets: targets.map(({ name }) => name),
      parameter_sets: study.parameter_sets.length,
    };
  } catch (error) {
    if (!isModelOpsError(error)) throw error;
    return {}; // the spec is damaged: show only the record
  }
}

/** A time without a zone, in UTC. */
function instant(text: string): string | null {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString().replace('Z', '');
}
