import { logicalPath } from '@modelops/contracts';
import { expect, it } from 'vitest';
import { showResult } from './show-result.ts';
import { createWorld, MODEL } from './testing/world.ts';

it('shows everything known about a result, and its first rows', async () => {
  const { stores, register, compute } = createWorld();
  const job = await register({ sets: [{ beta: 0.5, mode: 'fast', isOpen: true }], replicates: 3 });
  const pack = await compute(job, [0, 1, 2], {
    table: (task) => [
      { name: 'day', values: Int32Array.from({ length: 8 }, (_, day) => day) },
      { name: 'infected', values: Float64Array.from({ length: 8 }, (_, day) => (day === 0 ? Number.NaN : task + day)) },
      { name: 'count', values: BigInt64Array.from({ length: 8 }, () => 2n ** 60n) },
      { name: 'place', values: Array.from({ length: 8 }, (_, day) => `d${day}`) },
    ],
  });
  const shown = await showResult(job.tasks.idAt(1), 2, stores);
  const { param_id } = job.tasks.paramsAt(0);
  expect(shown).toMatchObject({
    task_id: job.tasks.idAt(1),
    path: logicalPath(MODEL, param_id, job.tasks.seedAt(1)),
    status: 'ok',
    error: null,
    param_id,
    params: { beta: 0.5, mode: 'fast', isOpen: true },
    seed: Number(job.tasks.seedAt(1)),
    address: 'token',
    code: MODEL,
    bundle_ref: job.spec.binding.bundle_ref,
    entrypoint: 'models.seir.SEIR/baseline',
    scenario: 'baseline',
    pack,
    also_in: [],
    duration_ms: 1.25,
    worker: 'host/0',
    computed_by: job.id,
    jobs: [{ job: job.id, source: 'computed', status: 'pending' }],
  });
  expect(shown.outputs).toEqual([
    {
      name: 'prevalence',
      rows: 8,
      evicted: false,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      columns: [
        { name: 'day', type: 'int32' },
        { name: 'infected', type: 'float64' },
        { name: 'count', type: 'int64' },
        { name: 'place', type: 'utf8' },
      ],
      first: [
        [0, 'NaN', '1152921504606846976', 'd0'],
        [1, 2, '1152921504606846976', 'd1'],
      ],
    },
  ]);
});

it('shows the cause of a failure', async () => {
  const { stores, register, compute } = createWorld();
  const job = await register({ sets: [{ beta: 0.5 }] });
  await compute(job, [0], { failed: [0] });
  expect(await showResult(job.tasks.idAt(0), 5, stores)).toMatchObject({
    status: 'failed',
    error: { kind: 'exception', message: 'no' },
    outputs: [],
    jobs: [{ source: null }],
  });
});

it('reports a result with bad bytes and quarantines its pack', async () => {
  const { stores, register, compute } = createWorld();
  const job = await register({ sets: [{ beta: 0.5 }] });
  await compute(job, [0]);
  for await (const { key } of stores.objects.list('provenance/'))
    if (key.endsWith('/prevalence.parquet')) await stores.objects.put(key, new Uint8Array(99));
  await expect(showResult(job.tasks.idAt(0), 5, stores)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  await expect(showResult(job.tasks.idAt(0), 5, stores)).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
});
