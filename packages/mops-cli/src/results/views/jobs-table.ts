import { isModelOpsError, type JobId, type JobState, keys, parseJson } from '@modelops/contracts';
import { getBounded, MAX_BYTES } from '@modelops/store';
import { mapConcurrently } from '@modelops/system';
import type { Stores } from '@modelops/worker';
import * as z from 'zod';
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

type JobRow = { readonly [column in keyof typeof COLUMNS]: unknown };

/** The columns of a job that are not in its state. */
type Facts = Pick<
  JobRow,
  'model' | 'entrypoint' | 'scenario' | 'sampling_method' | 'targets' | 'parameter_sets' | 'model_digest' | 'bundle_digest' | 'bundle_ref'
>;

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
  const rows = await mapConcurrently(
    jobs,
    CONCURRENCY,
    async (state): Promise<JobRow> => rowOf(state, await factsOf(state.job_id, stores)),
  );
  return `SELECT job.* FROM (SELECT unnest(from_json(${literal(JSON.stringify(rows))}, ${literal(JSON.stringify([COLUMNS]))})) AS job)`;
}

function rowOf(state: JobState, facts: Facts): JobRow {
  const { job_id, name, status, created_at, updated_at, tasks_total, tasks_verified, missing_outputs, attempts, labels, error } = state;
  return {
    job_id,
    name,
    status,
    created_at: instant(created_at),
    updated_at: instant(updated_at),
    tasks: tasks_total,
    tasks_verified,
    missing_outputs: missing_outputs.count,
    attempts: attempts.length,
    labels,
    error,
    ...facts,
  };
}

async function factsOf(job: JobId, { objects, registry }: Pick<Stores, 'objects' | 'registry'>): Promise<Facts> {
  const source = `${keys.results(job)}manifest.json`;
  const object = await getBounded(objects, source, MAX_BYTES.manifest);
  if (object !== undefined) {
    const { study, targets, counts, ...ids } = parseJson(new TextDecoder().decode(object.bytes), manifestSchema, {
      source,
      code: 'STORE_CORRUPT',
    });
    return { ...study, ...ids, targets: targets.map(({ name }) => name), parameter_sets: counts.parameter_sets };
  }
  try {
    const { study, binding } = await registry.spec(job);
    const { bundle_ref, bundle_digest, model_digest, entrypoint, targets } = binding;
    return {
      ...{
        model: study.model,
        scenario: study.scenario,
        sampling_method: study.sampling_method,
        bundle_ref,
        bundle_digest,
        model_digest,
        entrypoint,
      },
      targets: targets.map(({ name }) => name),
      parameter_sets: study.parameter_sets.length,
    };
  } catch (error) {
    if (!isModelOpsError(error)) throw error;

    return NOTHING; // the spec is damaged: show only the record
  }
}

const NOTHING: Facts = {
  model: null,
  entrypoint: null,
  scenario: null,
  sampling_method: null,
  targets: null,
  parameter_sets: null,
  model_digest: null,
  bundle_digest: null,
  bundle_ref: null,
};

/** A time without a zone, in UTC. */
function instant(text: string): string | null {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString().replace('Z', '');
}
