import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJobId } from '../identity/ids.ts';
import { applyEvent } from './apply-event.ts';
import { isRunnable, readOldSpec } from './old-spec.ts';
import { jobStateSchema } from './state.ts';

const old = (name: string) => JSON.parse(readFileSync(new URL(`../../golden/old/${name}.json`, import.meta.url), 'utf8'));
const AT = '2026-03-01T12:00:00.000Z';

describe('a job record of the original Python system', () => {
  it('from before manifests has none, and keeps unknown fields', () => {
    expect(jobStateSchema.parse(old('state-v2'))).toMatchObject({
      status: 'running',
      tasks_total: 6,
      expected_outputs: null,
      missing_outputs: { count: 0, first: [] },
      attempts: [],
      namespace: 'modelops-dask-dev',
      metadata: { submitted_by: 'vsb' },
    });
  });

  it('with lists of outputs has counts, and is never written with the lists again', () => {
    const state = jobStateSchema.parse(old('state-v3'));
    expect(state).toMatchObject({
      status: 'partial',
      tasks_verified: 3,
      expected_outputs: { simulations: 4, aggregations: 2, digest: expect.stringMatching(/^sha256:/) },
      missing_outputs: { count: 1, first: [expect.stringMatching(/^sims\/a7671b13a767\//)] },
    });
    expect(state).not.toHaveProperty('verified_outputs');
    expect(jobStateSchema.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });
});

describe('a job record of a later version', () => {
  it('keeps its fields, at every depth, through a transition', () => {
    const state = jobStateSchema.parse({
      ...old('state-v2'),
      schema_version: 7,
      priority: { class: 'low' },
      expected_outputs: { simulations: 1, aggregations: 0, digest: 'x', bytes: 12 },
      missing_outputs: { count: 0, first: [], by_target: {} },
      attempts: [{ n: 1, engine: 'slurm', tasks: 1, started_at: AT, partition: 'fast' }],
      history: [{ from: null, to: 'running', at: AT, by: 'somebody' }],
    });
    const moved = JSON.parse(JSON.stringify(applyEvent(state, { to: 'validating' }, { at: AT })));
    expect(moved).toMatchObject({
      schema_version: 7,
      status: 'validating',
      priority: { class: 'low' },
      expected_outputs: { bytes: 12 },
      missing_outputs: { by_target: {} },
      attempts: [{ engine: 'slurm', partition: 'fast' }],
      history: [{ by: 'somebody' }, { from: 'running', to: 'validating' }],
    });
  });
});

describe('a spec of the original Python system', () => {
  const known = { job_id: parseJobId('job-5b718dc8'), created_at: AT };
  const context = { source: 'spec.json', code: 'STORE_CORRUPT' } as const;

  it('has its tasks, addressed by bundle, and cannot run before it is bound again', () => {
    const { spec, warnings } = readOldSpec(old('job-batches'), known, context);
    expect(spec).toMatchObject({
      ...known,
      study: { model: 'models.seir:StochasticSEIR', n_replicates: 3, parameter_sets: [{ beta: 0.35 }, { beta: 1.25 }] },
      binding: {
        schema: 'bundle',
        entrypoint: 'models.seir.StochasticSEIR/baseline',
        bundle_ref: expect.stringMatching(/^simulation-workflow@sha256:/),
      },
    });
    expect(warnings).toEqual([expect.stringMatching(/^spec\.json: batches: /)]);
    expect(isRunnable(spec)).toBe(false);
    expect(readOldSpec(old('job-tasks'), known, context).warnings).toEqual([]);
  });

  it('is corrupt when it names no bundle', () => {
    const value = old('job-tasks');
    delete value.bundle_ref;
    expect(() => readOldSpec(value, known, context)).toThrow(/bundle reference/);
  });
});
