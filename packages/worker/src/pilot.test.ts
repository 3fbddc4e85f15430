import { isModelOpsError } from '@modelops/contracts';
import { makeModel, nodeHosts } from '@modelops/model-host/testing';
import { describe, expect, it } from 'vitest';
import { runPilot } from './pilot.ts';
import { makeJob, makeStores } from './testing/made-jobs.ts';

describe('runPilot', () => {
  it('stores the results of its tasks', async () => {
    const [stores, job] = [makeStores(), makeJob({ sets: 3, replicates: 2 })];
    const load = makeModel({ simulate: `if (values.x === 2) throw new Error('bad x'); return { out: { x: Float64Array.of(values.x) } };` });
    expect(await runPilot(job, [0, 3, 5], { hosts: nodeHosts(), load }, stores)).toEqual({ tasks: 3, failed: 1 });
    expect((await stores.provenance.existing(job.sims)).size).toBe(2);
  });

  it('reports a model that does not load as an error of the model, with its traceback', async () => {
    const job = makeJob({ sets: 1, replicates: 1 });
    const load = makeModel({ head: `throw new RangeError('no table');`, simulate: '' });
    const error: unknown = await runPilot(job, [0], { hosts: nodeHosts(), load }, makeStores()).catch((thrown: unknown) => thrown);
    expect(isModelOpsError(error, 'MODEL_INVALID') && error).toMatchObject({
      message: 'models/m.ts:Model does not load: RangeError: no table',
      hint: 'fix models/m.ts:Model, then submit again',
      details: { stderr: expect.stringMatching(/^RangeError: no table\n\s+at .*model\.mjs/) },
    });
  });
});
